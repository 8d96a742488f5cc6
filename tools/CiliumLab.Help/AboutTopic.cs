using System.Text;
using Markdig;
using Markdig.Syntax;

namespace CiliumLab.Help;

/// <summary>Turns an about page into the text file that <c>Get-Help about_X</c> shows.</summary>
public static class AboutTopic
{
    private const int Width = 79;
    private const string Indent = "    ";

    /// <summary>The topic as plain text: headings at the margin, everything else indented and wrapped.</summary>
    public static string Render(string markdown)
    {
        var text = new StringBuilder();
        foreach (var block in Markdown.Parse(markdown))
        {
            if (block is HeadingBlock heading)
                text.AppendLine(heading.Level <= 2 ? PlainText.Of(heading.Inline).ToUpperInvariant() : PlainText.Of(heading.Inline));
            else if (block is CodeBlock)
                Indented(text, PlainText.Of([block]).SelectMany(part => part.Split('\n'))).AppendLine();
            else
                Indented(text, PlainText.Of([block]).SelectMany(part => part.Split('\n')).SelectMany(Wrapped)).AppendLine();
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static StringBuilder Indented(StringBuilder text, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            text.AppendLine(line.Length == 0 ? "" : Indent + line);
        return text;
    }

    private static IEnumerable<string> Wrapped(string line)
    {
        var hanging = line.StartsWith("- ", StringComparison.Ordinal) ? "  " : "";
        while (line.Length > Width - Indent.Length)
        {
            var at = line.LastIndexOf(' ', Width - Indent.Length);
            if (at <= hanging.Length)
                break;
            yield return line[..at];
            line = hanging + line[(at + 1)..];
        }

        yield return line;
    }
}
