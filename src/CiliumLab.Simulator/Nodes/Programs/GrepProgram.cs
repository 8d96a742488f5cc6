using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>grep</c> with basic, extended and fixed patterns.</summary>
internal sealed class GrepProgram() : ImmediateProgram("/usr/bin/grep")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "E|extended-regexp F|fixed-strings G|basic-regexp i|ignore-case v|invert-match c|count n|line-number l|files-with-matches q|quiet|silent w|word-regexp x|line-regexp h|no-filename H|with-filename r|R|recursive s|no-messages o|only-matching m|max-count= e|regexp= a|text", exitCode: 2);
        var operands = options.Operands.ToList();
        var pattern = options.Value("e");
        if (pattern is null)
        {
            if (operands.Count == 0)
                return call.Complain("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.", 2);
            pattern = operands[0];
            operands.RemoveAt(0);
        }

        Regex regex;
        try
        {
            regex = Compile(pattern, options);
        }
        catch (ArgumentException)
        {
            return call.Complain($"grep: Invalid regular expression", 2);
        }

        var (found, failed) = (false, false);
        foreach (var (name, content) in Inputs(call, options, operands, () => failed = true))
            found |= Search(call, options, regex, name, content, (operands.Count > 1 || options.Has("r") || options.Has("H")) && !options.Has("h"));
        return failed && !(options.Has("q") && found) ? 2 : found ? 0 : 1;
    }

    private static IEnumerable<(string Name, byte[] Content)> Inputs(ProgramCall call, Options options, List<string> operands, Action fail)
    {
        if (operands.Count == 0)
            operands = options.Has("r") ? ["."] : ["-"];
        foreach (var operand in operands)
        {
            if (operand == "-")
            {
                yield return ("(standard input)", call.Input.ToArray());
                continue;
            }

            var path = call.PathOf(operand);
            if (call.Node.Files.Find(path) is Folder folder && options.Has("r"))
            {
                foreach (var (name, file) in Below(operand, folder))
                    yield return (name, file.Content);
                continue;
            }

            byte[]? content = null;
            try
            {
                content = call.Node.Files.Read(path, call.User);
            }
            catch (KernelException error)
            {
                if (!options.Has("s"))
                    call.Complain($"grep: {operand}: {error.Errno.Text()}");
                fail();
            }

            if (content is not null)
                yield return (operand, content);
        }
    }

    private static IEnumerable<(string Name, RegularFile File)> Below(string path, Folder folder)
    {
        foreach (var entry in folder.Entries)
        {
            var name = $"{path.TrimEnd('/')}/{entry.Name}";
            if (entry is RegularFile file)
                yield return (name, file);
            foreach (var below in entry is Folder child ? Below(name, child) : [])
                yield return below;
        }
    }

    private static bool Search(ProgramCall call, Options options, Regex regex, string name, byte[] content, bool withName)
    {
        var text = Encoding.UTF8.GetString(content);
        if (text.EndsWith('\n'))
            text = text[..^1];
        string[] lines = text.Length == 0 && content.Length == 0 ? [] : text.Split('\n');
        var most = options.Value("m") is { } limit ? int.Parse(limit, CultureInfo.InvariantCulture) : int.MaxValue;
        var count = 0;
        for (var index = 0; index < lines.Length && count < most; index++)
        {
            if (regex.IsMatch(lines[index]) == options.Has("v"))
                continue;
            count++;
            if (options.Has("q") || options.Has("c") || options.Has("l"))
                continue;
            var head = (withName ? name + ":" : "") + (options.Has("n") ? $"{index + 1}:" : "");
            if (!options.Has("o"))
                call.Line(head + lines[index]);
            foreach (Match match in options.Has("o") ? regex.Matches(lines[index]) : Enumerable.Empty<Match>())
                call.Line(head + match.Value);
        }

        if (options.Has("c") && !options.Has("q"))
            call.Line((withName ? name + ":" : "") + count.ToString(CultureInfo.InvariantCulture));
        else if (options.Has("l") && count > 0 && !options.Has("q"))
            call.Line(name);
        return count > 0;
    }

    private static Regex Compile(string pattern, Options options)
    {
        var expression = options.Has("F") ? Regex.Escape(pattern).Replace("\\n", "|", StringComparison.Ordinal)
            : options.Has("E") ? pattern
            : FromBasic(pattern);
        expression = expression.Replace("[[:space:]]", "\\s", StringComparison.Ordinal).Replace("[[:digit:]]", "[0-9]", StringComparison.Ordinal);
        if (options.Has("w"))
            expression = $"(?<!\\w)(?:{expression})(?!\\w)";
        if (options.Has("x"))
            expression = $"^(?:{expression})$";
        return new Regex(expression, options.Has("i") ? RegexOptions.IgnoreCase : RegexOptions.None, TimeSpan.FromSeconds(5));
    }

    // In basic patterns the letters + ? | ( ) { } mean themselves, and their escaped forms what they mean in extended ones.
    private static string FromBasic(string pattern)
    {
        var text = new StringBuilder();
        for (var index = 0; index < pattern.Length; index++)
        {
            var letter = pattern[index];
            if (letter == '\\' && index + 1 < pattern.Length)
                text.Append("+?|(){}".Contains(pattern[++index]) ? pattern[index].ToString() : "\\" + pattern[index]);
            else if ("+?|(){}".Contains(letter))
                text.Append('\\').Append(letter);
            else
                text.Append(letter);
        }

        return text.ToString();
    }
}
