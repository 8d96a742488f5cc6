using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads text that has a record in each line, or a table whose rows may go on in the lines below.</summary>
/// <param name="Kind">What should have come, as in <c>ConvertFrom-LabOutput -Kind</c>.</param>
/// <param name="Expected">What a line should be, such as "an endpoint with its number".</param>
/// <param name="Row">Reads a row; null when it is none.</param>
internal sealed record TextRows<T>(string Kind, string Expected, Func<string, T?> Row)
    where T : class
{
    /// <summary>Whether a line is a heading, or another line of the table that is no row.</summary>
    public Func<string, bool> IsHeading { get; init; } = static _ => false;

    /// <summary>Adds an indented line to the row above it; null when it does not belong there.</summary>
    public Func<T, string, T?>? Extend { get; init; }

    /// <summary>Reads the rows, each as soon as it is whole.</summary>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when there is neither a heading nor a row.</exception>
    public IEnumerable<T> Read(LineReader lines, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        T? row = null;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (row is not null && char.IsWhiteSpace(line[0]) && Extend!(row, line) is { } longer)
            {
                row = longer;
                continue;
            }

            if (IsHeading(line))
            {
                start.Understood();
                continue;
            }

            if (Row(line) is not { } next)
            {
                start.Warn(new TextWarning(lines.Number, line, $"expected {Expected}"));
                continue;
            }

            start.Understood();
            if (row is not null)
                yield return row;
            row = next;
            if (Extend is not null)
                continue;
            yield return row;
            row = null;
        }

        if (row is not null)
            yield return row;
        start.AtEnd();
    }
}
