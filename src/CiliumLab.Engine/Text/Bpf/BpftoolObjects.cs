using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// What bpftool prints of programs and maps: a line with the number, and indented lines with more. Properties are two blanks apart, each a
/// name and a value, or only a name.
/// </summary>
internal sealed partial class BpftoolObjects(string kind, string mark)
{
    /// <summary>Reads the objects; a line that belongs to none is warned of.</summary>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when there is none.</exception>
    public IEnumerable<BpftoolObject> Read(LineReader lines, Action<TextWarning> warn) => new TextRows<BpftoolObject>(kind, $"a number, a kind and {mark}", Begin)
    {
        Extend = static (one, line) => one.With(line) ? one : null,
    }.Read(lines, warn);

    /// <summary>The processes that hold an object, from JSON.</summary>
    public static IReadOnlyList<BpfHolder> Holders(JsonElement item) =>
        [.. item.Items("pids").Select(static one => new BpfHolder(one.Text("comm") ?? "", one.Int32("pid") ?? 0))];

    private BpftoolObject? Begin(string line)
    {
        if (Head().Match(line) is not { Success: true } head
            || !uint.TryParse(head.Groups["id"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }

        var one = new BpftoolObject(id, head.Groups["type"].Value);
        return one.With(head.Groups["rest"].Value) && one.Has(mark) ? one : null;
    }

    [GeneratedRegex(@"^(?<id>\d+): (?<type>[a-z]\w*)\s\s(?<rest>.*)$")]
    private static partial Regex Head();
}

/// <summary>A program or map with its properties by name.</summary>
internal sealed partial class BpftoolObject(uint id, string type)
{
    private readonly Dictionary<string, string> _properties = new(StringComparer.Ordinal);

    public uint Id { get; } = id;

    public string Type { get; } = type;

    public bool Has(string name) => _properties.ContainsKey(name);

    public string? Text(string name) => _properties.GetValueOrDefault(name);

    public ulong? Number(string name) => ulong.TryParse(Text(name)?.TrimEnd('B'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public uint? Number32(string name) => Number(name) is <= uint.MaxValue and var number ? (uint)number : null;

    /// <summary>The processes that hold it.</summary>
    public IReadOnlyList<BpfHolder> Holders =>
    [
        .. HolderForm().Matches(Text("pids") ?? "").Select(static match => int.TryParse(match.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? new BpfHolder(match.Groups[1].Value, pid) : null).OfType<BpfHolder>(),
    ];

    /// <summary>Takes the properties of a line; false when it is no line of properties.</summary>
    public bool With(string line)
    {
        // One blank before them, unlike all others.
        if (RunStatistics().Match(line) is { Success: true } run)
        {
            (_properties["run_time_ns"], _properties["run_cnt"]) = (run.Groups[1].Value, run.Groups[2].Value);
            line = line[..run.Index];
        }

        foreach (var property in Gap().Split(line.Trim()))
        {
            var blank = property.IndexOf(' ', StringComparison.Ordinal);
            var name = blank < 0 ? property : property[..blank];
            if (!PropertyName().IsMatch(name))
                return false;
            var value = blank < 0 ? "" : property[(blank + 1)..];

            // owner_prog_type sched_cls  owner jited; a program says "not jited"
            _properties[name is "owner" or "not" ? $"{name} {value}" : name] = value;
        }

        return true;
    }

    [GeneratedRegex(@"\s{2,}|\t")]
    private static partial Regex Gap();

    [GeneratedRegex(@"\s+run_time_ns (\d+) run_cnt (\d+)(?:\s.*)?$")]
    private static partial Regex RunStatistics();

    [GeneratedRegex(@"^[a-z][a-z_0-9]*$")]
    private static partial Regex PropertyName();

    [GeneratedRegex(@"([^,\s(][^,(]*)\((\d+)\)")]
    private static partial Regex HolderForm();
}
