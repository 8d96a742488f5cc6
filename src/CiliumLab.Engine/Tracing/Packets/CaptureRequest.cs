using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>What is to be captured, and for how long.</summary>
public sealed record CaptureRequest
{
    /// <summary>The interface; <c>any</c> for all, and then packets tell their direction.</summary>
    public string Interface { get; init; } = Everywhere;

    /// <summary>Which packets, in the syntax of pcap-filter(7); null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>How many; null for no end.</summary>
    public int? Count { get; init; }

    /// <summary>For how long, from when tcpdump listens; null for no end.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Gets the capture itself, as tcpdump writes it; null when nobody keeps it.</summary>
    public Action<ReadOnlyMemory<byte>>? Copy { get; init; }

    /// <summary>Packets that are not wanted, whatever the filter: those that carry the capture itself.</summary>
    internal string? Without { get; init; }

    /// <summary>The name of all interfaces together.</summary>
    public const string Everywhere = "any";

    /// <summary>Refuses what can be seen to be no filter before anything is contacted; tcpdump says the rest.</summary>
    /// <exception cref="LabException"><c>PacketFilterInvalid</c>.</exception>
    public void Check()
    {
        if (Filter is null)
            return;
        var why = Filter.StartsWith('-') ? "it begins like an option"
            : Filter.Any(char.IsControl) ? "it has more than one line"
            : Depth(Filter) is not 0 ? "its brackets do not close"
            : null;
        if (why is not null)
            throw CaptureErrors.Filter(Filter, why);
    }

    // Without its immediate mode libpcap keeps packets for up to a second, and those of the last are lost.
    /// <summary>The command that captures; what enters another namespace comes first.</summary>
    internal NodeCommand Command(IReadOnlyList<string> entering, bool sudo) => new(
        [
            .. entering, "tcpdump", "-U", "--immediate-mode", "-nn", "-s", "0", "-w", "-", "-i", Interface,
            .. Count is { } count ? ["-c", count.ToString(System.Globalization.CultureInfo.InvariantCulture)] : Array.Empty<string>(),
            .. (Filter, Without) switch
            {
                (null, null) => Array.Empty<string>(),
                ({ } filter, null) => [filter],
                (null, { } without) => [$"not ({without})"],
                ({ } filter, { } without) => [$"({filter}) and not ({without})"],
            },
        ])
    { Sudo = sudo, Lasting = true };

    // 0 when each bracket that opens closes after it.
    private static int Depth(string filter)
    {
        var depth = 0;
        foreach (var letter in filter)
        {
            depth += letter switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
            if (depth < 0)
                return depth;
        }

        return depth;
    }
}
