namespace CiliumLab.Engine.Text;

/// <summary>Finds the arguments of a call and the end of their list: strings, structures, descriptors' names and comments hold any character.</summary>
internal static class StraceArguments
{
    /// <summary>Splits <c>a, {b, c}, "d, e") = 0</c> into its arguments and what follows the bracket.</summary>
    /// <param name="text">What follows the call's opening bracket.</param>
    /// <param name="arguments">The arguments, in order.</param>
    /// <returns>Where the closing bracket is; -1 when there is none, and the arguments are those that are there.</returns>
    public static int Split(ReadOnlySpan<char> text, out List<string> arguments)
    {
        arguments = [];
        var (start, depth) = (0, 0);
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"':
                    at = EndOfString(text, at);
                    break;
                case '/' when text[at..].StartsWith("/*", StringComparison.Ordinal):
                    at = text[at..].IndexOf("*/", StringComparison.Ordinal) is > 0 and var end ? at + end + 1 : at;
                    break;
                case '<' when IsName(text, at):
                    at = EndOfName(text, at);
                    break;
                case '(' or '[' or '{':
                    depth++;
                    break;
                case ')' when depth == 0:
                    Add(text[start..at], arguments);
                    return at;
                case ')' or ']' or '}':
                    depth = Math.Max(0, depth - 1);
                    break;
                case ',' when depth == 0:
                    Add(text[start..at], arguments);
                    start = at + 1;
                    break;
            }
        }

        Add(text[Math.Min(start, text.Length)..], arguments);
        return -1;
    }

    /// <summary>Where a string that begins somewhere ends; the last character when it does not.</summary>
    private static int EndOfString(ReadOnlySpan<char> text, int at)
    {
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\')
                at++;
        }

        return Math.Min(at, text.Length - 1);
    }

    // 3<TCP:[1]> and AT_FDCWD</root>, but neither 1<<CAP_CHOWN nor a<b.
    private static bool IsName(ReadOnlySpan<char> text, int at) =>
        at > 0 && (char.IsAsciiDigit(text[at - 1]) || text[at - 1] == 'D') && at + 1 < text.Length && text[at + 1] != '<' && (at < 2 || text[at - 2] != '<');

    // A path has its own angle brackets escaped; a socket's name has arrows inside square ones.
    private static int EndOfName(ReadOnlySpan<char> text, int start)
    {
        var (isPath, depth) = (text[start + 1] == '/', 0);
        for (var at = start + 1; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '[' when !isPath:
                    depth++;
                    break;
                case ']' when !isPath:
                    depth--;
                    break;
                case '>' when depth <= 0:
                    return at;
            }
        }

        return start;
    }

    private static void Add(ReadOnlySpan<char> argument, List<string> arguments)
    {
        argument = argument.Trim();
        if (!argument.IsEmpty)
            arguments.Add(argument.ToString());
    }
}
