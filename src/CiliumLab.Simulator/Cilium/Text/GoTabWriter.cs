using System.Text;

namespace CiliumLab.Simulator.Cilium;

/// <summary>
/// Lays text out in columns as Go's text/tabwriter does with its usual settings: a cell ends with a tab, a column is a run of adjacent
/// lines that have a cell there, and text behind the last tab belongs to no column.
/// </summary>
/// <param name="minimumWidth">The smallest width of a cell, padding included.</param>
/// <param name="padding">Blanks behind the widest cell.</param>
internal sealed class GoTabWriter(int minimumWidth = 5, int padding = 3)
{
    private readonly List<string[]> _lines = [];
    private readonly StringBuilder _line = new();

    /// <summary>Takes text; it may have several lines or end within one.</summary>
    public GoTabWriter Write(string text)
    {
        foreach (var letter in text)
        {
            if (letter == '\n')
                EndLine();
            else
                _line.Append(letter);
        }

        return this;
    }

    /// <summary>Takes one line of cells; the last is behind the last tab.</summary>
    public GoTabWriter Row(params ReadOnlySpan<string> cells)
    {
        _line.AppendJoin('\t', cells);
        EndLine();
        return this;
    }

    /// <summary>What was taken, laid out; begins anew.</summary>
    public string Flush()
    {
        var rest = _line.Length > 0;
        if (rest)
            EndLine();
        var output = new StringBuilder();
        Format(output, [], 0, _lines.Count);
        if (rest)
            output.Length--;
        _lines.Clear();
        return output.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Flush();

    private void EndLine()
    {
        _lines.Add(_line.ToString().Split('\t'));
        _line.Clear();
    }

    private void Format(StringBuilder output, List<int> widths, int first, int end)
    {
        var column = widths.Count;
        for (var line = first; line < end; line++)
        {
            if (column >= _lines[line].Length - 1)
                continue;

            // The lines before this one have no such column.
            Print(output, widths, first, line);
            first = line;
            var width = minimumWidth;
            for (; line < end && column < _lines[line].Length - 1; line++)
                width = Math.Max(width, Length(_lines[line][column]) + padding);

            widths.Add(width);
            Format(output, widths, first, line);
            widths.RemoveAt(widths.Count - 1);
            first = line;
            line--;
        }

        Print(output, widths, first, end);
    }

    private void Print(StringBuilder output, List<int> widths, int first, int end)
    {
        for (var line = first; line < end; line++)
        {
            var cells = _lines[line];
            for (var column = 0; column < cells.Length; column++)
            {
                output.Append(cells[column]);
                if (column < cells.Length - 1 && column < widths.Count)
                    output.Append(' ', widths[column] - Length(cells[column]));
            }

            output.Append('\n');
        }
    }

    private static int Length(string text) => text.EnumerateRunes().Count();
}
