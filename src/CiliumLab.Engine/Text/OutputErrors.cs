using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>The error of a parser whose input is not the output that it reads.</summary>
public static class OutputErrors
{
    /// <summary>The text is something else altogether: an error message, another command's output, a broken JSON document.</summary>
    /// <param name="kind">What should have come, as in <c>ConvertFrom-LabOutput -Kind</c>.</param>
    /// <param name="line">The first offending line's number, from 1.</param>
    /// <param name="text">That line, which the message quotes.</param>
    /// <param name="reason">What is wrong with it; null when it simply is not that output.</param>
    public static LabException NotThisOutput(string kind, int line, string text, string? reason = null)
    {
        var quoted = text.Length > 200 ? text[..200] + "..." : text;
        return new LabException(
            "OutputNotUnderstood",
            LabErrorKind.InvalidData,
            $"This is not {kind} output; line {line} says: {quoted}{(reason is null ? "" : $" ({reason})")}",
            kind,
            "Check that the whole output was copied and that -Kind names the command it came from.");
    }
}
