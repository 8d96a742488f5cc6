using System.Text;

namespace CiliumLab.Simulator.Charts;

/// <summary>Prints tables as Helm does (gosuri/uitable): cells padded to the widest, columns parted by tabs.</summary>
internal static class HelmTable
{
    /// <summary>The table's text.</summary>
    /// <param name="rows">The rows, the headings first.</param>
    /// <param name="widest">The most that a cell may take; 0 for no limit.</param>
    public static string Format(IReadOnlyList<string[]> rows, int widest = 0)
    {
        var cells = rows.Select(row => row.Select(cell => widest > 0 && cell.Length > widest ? cell[..(widest - 3)] + "..." : cell).ToArray()).ToArray();
        var widths = Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in cells)
            text.AppendJoin('\t', row.Select((cell, column) => cell.PadRight(widths[column]))).Append('\n');
        return text.ToString();
    }
}
