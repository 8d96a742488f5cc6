using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Text as it was copied from a terminal: colour codes, prompts and the <c>&gt;&gt; node : NAME &lt;&lt;</c> lines of shell
/// loops are taken out, and tell which node said what follows.
/// </summary>
public static partial class TerminalText
{
    /// <summary>Splits a text where another node begins to speak. Sections must be read in order, each to its end.</summary>
    /// <param name="text">The text.</param>
    public static IEnumerable<TerminalSection> Sections(TextReader text)
    {
        var source = new CleanLines(text);
        string? node = null;
        while (true)
        {
            var section = new SectionReader(source);
            yield return new TerminalSection(node, section);
            while (section.ReadLine() is not null)
            {
                // What the parser left unread belongs to this section still.
            }

            if (section.NextNode is null)
                yield break;
            node = section.NextNode;
        }
    }

    [GeneratedRegex(@"\e(\[[0-9;?]*[ -/]*[@-~]|\][^\a\e]*(\a|\e\\)|[()][0-9A-Za-z])|\r")]
    private static partial Regex ControlSequence();

    [GeneratedRegex(@"\A(\([^)]*\)\s*)*[\w.-]+@(?<node>[\w.-]+):[^#$]*[#$](\s.*)?\z")]
    private static partial Regex Prompt();

    [GeneratedRegex(@"\A>+\s*node\s*:\s*(?<node>[\w.-]+)\s*<+\s*\z")]
    private static partial Regex Header();

    private sealed class CleanLines(TextReader text)
    {
        public int Taken { get; private set; }

        /// <summary>The next line and the node that it announces; an announcing line itself is blank.</summary>
        public (string? Line, string? Node) Next()
        {
            if (text.ReadLine() is not { } raw)
                return (null, null);
            Taken++;
            var line = raw.AsSpan().ContainsAny('\e', '\r') ? ControlSequence().Replace(raw, "") : raw;
            if (line.StartsWith('>') && Header().Match(line) is { Success: true } header)
                return ("", header.Groups["node"].Value);
            if (line.Contains('@', StringComparison.Ordinal) && Prompt().Match(line) is { Success: true } prompt)
                return ("", prompt.Groups["node"].Value);
            return (line, null);
        }
    }

    /// <summary>Reads one section; the lines before it come out blank, so that a parser counts lines as the user does.</summary>
    private sealed class SectionReader(CleanLines source) : TextReader
    {
        private int _blank = source.Taken;
        private bool _ended;
        private string? _held;

        public string? NextNode { get; private set; }

        public override string? ReadLine()
        {
            if (_held is { } held)
            {
                _held = null;
                return held.TrimEnd('\n');
            }

            if (_blank > 0)
            {
                _blank--;
                return "";
            }

            if (_ended)
                return null;
            var (line, node) = source.Next();
            if (line is null || node is not null)
            {
                _ended = true;
                NextNode = node;
                return null;
            }

            return line;
        }

        public override int Peek()
        {
            _held ??= ReadLine() is { } line ? line + "\n" : null;
            return _held is null ? -1 : _held[0];
        }

        public override int Read()
        {
            var next = Peek();
            if (next >= 0)
                _held = _held!.Length > 1 ? _held[1..] : null;
            return next;
        }

        public override int Read(char[] buffer, int index, int count)
        {
            if (count == 0 || Peek() < 0)
                return 0;
            var taken = Math.Min(count, _held!.Length);
            _held.CopyTo(0, buffer, index, taken);
            _held = _held.Length > taken ? _held[taken..] : null;
            return taken;
        }
    }
}

/// <summary>What one node said.</summary>
/// <param name="Node">The node; null when the text does not say.</param>
/// <param name="Text">Its words, clean; line numbers count from the beginning of the whole text.</param>
public sealed record TerminalSection(string? Node, TextReader Text);
