using System.Globalization;
using System.Text;

namespace CiliumLab.Model;

/// <summary>A rule of iptables or ip6tables. <see cref="Text"/> is the line that iptables-save printed, put together from the parts.</summary>
public sealed record IptablesRule : IptablesLine
{
    /// <summary>The node that it is on; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>iptables or ip6tables.</summary>
    public IptablesFamily Family { get; init; }

    /// <summary>The table; null when the text does not tell.</summary>
    public string? Table { get; init; }

    /// <summary>The chain.</summary>
    public required string Chain
    {
        get;
        init
        {
            field = value;
            Head = null;
        }
    }

    /// <summary>The rule's position in its chain, from 1, as <c>iptables -D CHAIN NUMBER</c> takes it; 0 when it is in none yet.</summary>
    public int Number { get; init; }

    /// <summary>Packets that fitted; null when the text has no counters.</summary>
    public ulong? Packets
    {
        get => field ?? Counter(0);
        init
        {
            field = value;
            Head = null;
        }
    }

    /// <summary>Bytes of the packets that fitted; null when the text has no counters.</summary>
    public ulong? Bytes
    {
        get => field ?? Counter(1);
        init
        {
            field = value;
            Head = null;
        }
    }

    /// <summary>Everything behind the chain's name, in order: conditions, modules, target and its options.</summary>
    public IReadOnlyList<IptablesOption> Options { get; init; } = [];

    /// <summary>What stands before the options in the text; null when iptables-save writes it like that anyway.</summary>
    public string? Head { get; init; }

    /// <summary>Who put it there, as the names of its chain and target tell.</summary>
    public IptablesOwner Owner => IptablesOwners.OfRule(this);

    /// <summary>What happens to a packet that fits: a verdict, an extension or a chain; null for a rule that only counts.</summary>
    public string? Target => Find(IptablesOptionKind.Target)?.Value;

    /// <summary>Whether the target is a chain that is gone to (<c>-g</c>): packets do not come back here.</summary>
    public bool GotoTarget => Find(IptablesOptionKind.Target)?.Name is "-g" or "--goto";

    /// <summary>The protocol, with <c>!</c> before it for all others; null for all.</summary>
    public string? Protocol => Word(Find("-p", "--protocol", "--proto"));

    /// <summary>The senders that fit; null for all.</summary>
    public IptablesAddress? Source => Address(Find("-s", "--source", "--src"));

    /// <summary>The receivers that fit; null for all.</summary>
    public IptablesAddress? Destination => Address(Find("-d", "--destination", "--dst"));

    /// <summary>The interface that packets came in by, with <c>!</c> before it for all others; null for all.</summary>
    public string? InInterface => Word(Find("-i", "--in-interface"));

    /// <summary>The interface that packets leave by, with <c>!</c> before it for all others; null for all.</summary>
    public string? OutInterface => Word(Find("-o", "--out-interface"));

    /// <summary>The first comment; null when there is none.</summary>
    public string? Comment => Find("--comment")?.Value;

    /// <summary>The conditions in order; a module without options of its own stands for itself.</summary>
    public IReadOnlyList<IptablesOption> Matches =>
        [.. Options.Where((option, index) => option.Kind == IptablesOptionKind.Match || (option.Kind == IptablesOptionKind.Module && IsBare(index)))];

    /// <summary>The target's options in order.</summary>
    public IReadOnlyList<IptablesOption> TargetOptions => [.. Options.Where(option => option.Kind == IptablesOptionKind.TargetOption)];

    /// <summary>What the rule says behind its chain's name, without counters: for people to read.</summary>
    public string Specification => string.Join(' ', Options.Where(option => option.Kind != IptablesOptionKind.Counters));

    /// <inheritdoc/>
    public override string Text
    {
        get
        {
            var line = new StringBuilder(256);
            AppendHead(line);
            foreach (var option in Options)
                option.AppendTo(line);
            return line.ToString();
        }
    }

    private void AppendHead(StringBuilder line)
    {
        if (Head is not null)
        {
            line.Append(Head);
            return;
        }

        if (Packets is { } packets && Bytes is { } bytes && Find("-c", "--set-counters") is null)
            line.Append(CultureInfo.InvariantCulture, $"[{packets}:{bytes}] ");
        line.Append("-A ").Append(Chain);
    }

    private bool IsBare(int index) =>
        index + 1 == Options.Count || Options[index + 1].Kind != IptablesOptionKind.Match || Options[index + 1].Module != Options[index].Value;

    private ulong? Counter(int index) =>
        Find("-c", "--set-counters") is { Values.Count: 2 } counters
        && ulong.TryParse(counters.Values[index], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : null;

    private static string? Word(IptablesOption? option) =>
        option is { Value: { } value } ? option.Negated ? "!" + value : value : null;

    private static IptablesAddress? Address(IptablesOption? option) =>
        option is { Value: { } value } && IptablesAddress.TryParse(value, out var address) ? address with { Negated = option.Negated } : null;

    private IptablesOption? Find(IptablesOptionKind kind)
    {
        var options = Options;
        for (var index = 0; index < options.Count; index++)
        {
            if (options[index].Kind == kind)
                return options[index];
        }

        return null;
    }

    private IptablesOption? Find(params ReadOnlySpan<string> names)
    {
        var options = Options;
        for (var index = 0; index < options.Count; index++)
        {
            if (names.Contains(options[index].Name))
                return options[index];
        }

        return null;
    }
}
