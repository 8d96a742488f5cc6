using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>The counters of <c>ip -s link</c>: a line with their names, then one with their values.</summary>
internal sealed class LinkCounters
{
    private readonly Dictionary<string, ulong> _values = new(StringComparer.Ordinal);
    private string _direction = "";
    private string[] _names = [];

    /// <summary>Whether values are to follow.</summary>
    public bool Expects => _names.Length > 0;

    /// <summary>Takes the names, behind <c>RX:</c>, <c>TX:</c> or, for kinds of errors, <c>RX errors:</c>.</summary>
    public void Head(IprouteWords words)
    {
        _direction = words.Take()!.TrimEnd(':');
        if (words.TakeIf("errors:"))
            _direction += " errors";
        _names = words.Rest().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (_names.Length == 0)
            words.Complain("expected the counters' names");
    }

    /// <summary>Takes the values.</summary>
    public void Values(IprouteWords words)
    {
        foreach (var name in _names)
        {
            if (words.AtEnd)
            {
                words.Complain($"no value for '{name}'");
                break;
            }

            if (words.Number<ulong>() is { } value)
                _values[$"{_direction} {name}"] = value;
        }

        _names = [];
    }

    /// <summary>The counters that came.</summary>
    public InterfaceStatistics Finish() => new()
    {
        RxBytes = Value("RX bytes"),
        RxPackets = Value("RX packets"),
        RxErrors = Value("RX errors"),
        RxDropped = Value("RX dropped"),
        TxBytes = Value("TX bytes"),
        TxPackets = Value("TX packets"),
        TxErrors = Value("TX errors"),
        TxDropped = Value("TX dropped"),
    };

    private ulong Value(string name) => _values.GetValueOrDefault(name);
}
