using CiliumLab.Model;

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>Puts the lines that a reader finds into tables, so that nothing of the text is lost.</summary>
internal sealed class IptablesRulesetBuilder(IptablesReader reader)
{
    private readonly List<IptablesTable> _tables = [];
    private readonly List<string> _loose = [];
    private List<IptablesLine>? _lines;
    private IptablesTable _table = new();
    private IptablesChainCounts? _counts;

    /// <summary>Takes the line that the reader is at.</summary>
    public void Add()
    {
        if (reader.Kind == IptablesLineKind.Table)
        {
            Begin(listed: false);
            return;
        }

        if (reader.Kind == IptablesLineKind.Commit && _lines is not null && !_table.Listed)
        {
            _table = _table with { Committed = true };
            End();
            return;
        }

        IptablesLine? line = reader.Rule is not null ? reader.Rule : reader.Chain;
        if (line is not null && (_lines is null || reader.Counts != _counts))
            Begin(listed: true);
        if (_lines is not null)
            _lines.Add(line ?? new IptablesRemark(reader.Line));
        else if (_loose.Count == 0 && _tables.Count > 0 && reader.Line.StartsWith("# Completed ", StringComparison.Ordinal))
            _tables[^1] = _tables[^1] with { Ending = [.. _tables[^1].Ending, reader.Line] };
        else
            _loose.Add(reader.Line);
    }

    /// <summary>The whole, when the reader is at its end.</summary>
    public IptablesRuleset Build(string? node)
    {
        End();
        return new IptablesRuleset { Node = node, Family = reader.Family, Tables = _tables, Ending = _loose };
    }

    private void Begin(bool listed)
    {
        End();
        _lines = [];
        _counts = reader.Counts;
        _table = new IptablesTable { Table = reader.Table, Listed = listed, Committed = false, Heading = [.. _loose] };
        _loose.Clear();
    }

    private void End()
    {
        if (_lines is null)
            return;
        _tables.Add(_table with { Lines = [.. _lines.Select(Counted)] });
        _lines = null;
    }

    private IptablesLine Counted(IptablesLine line) => line is IptablesChain chain ? _counts!.Counted(chain) : line;
}
