using System.Globalization;
using System.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>
/// The one line that the login shell reads. It prints the process id, so that the command can be signalled later, and then
/// becomes the command, or waits for it when its input is large.
/// </summary>
internal static class RemoteCommandLine
{
    // Linux passes at most 128 KiB in one argument, and sshd passes the line to the login shell as one.
    private const int LongestLine = 100 * 1024;

    /// <summary>An input that is sent in one piece before anything else happens.</summary>
    public const int SmallInput = 16 * 1024;

    /// <summary>Stands before the process id; what a profile script prints before it is skipped.</summary>
    public const string ProcessIdMark = "ciliumlab-pid:";

    // A user's PATH has no sbin on Debian; and output is only parsed in one language.
    private const string Prologue = "echo " + ProcessIdMark + "$$;export PATH=\"$PATH:/usr/local/sbin:/usr/sbin:/sbin\" LC_ALL=C;";

    /// <summary>Builds the line, and what to send on standard input.</summary>
    /// <param name="node">The node, for the error.</param>
    /// <param name="command">The command.</param>
    /// <param name="sudo">How root is become; null when the user is root or the command does not need it.</param>
    public static (string Line, ReadOnlyMemory<byte> Input) Build(string node, NodeCommand command, Sudo? sudo)
    {
        if (command.Arguments.FirstOrDefault(argument => argument.Contains('\0', StringComparison.Ordinal)) is not null)
        {
            throw new LabException(
                "ArgumentHasNul",
                LabErrorKind.InvalidArgument,
                "An argument holds a NUL character; no program can be given one.",
                node,
                "Send such data on standard input: Invoke-NodeCommand ... -InputText");
        }

        var words = sudo is null ? command.Arguments : [.. sudo.Words, .. command.Arguments];
        ReadOnlyMemory<byte> input = sudo is null ? command.Input : (byte[])[.. sudo.Input.Span, .. command.Input.Span];
        var call = ShellQuoting.Join(words);
        var line = Prologue + (input.Length switch
        {
            // The library sends no end-of-file for an input of no bytes, so that is an empty file instead.
            0 => $"exec {call} </dev/null",

            // What still comes when the command has ended is read nonetheless: the library would send it to a session that is closed,
            // and then sshd breaks the whole connection. The trap keeps the shell for that, and is not passed on to the command.
            > SmallInput => $"trap : TERM; {call}; s=$?; cat >/dev/null; exit $s",
            _ => $"exec {call}",
        });
        if (line.Length <= LongestLine && Encoding.UTF8.GetByteCount(line) <= LongestLine)
            return (line, input);

        // Too long for one argument: the shell reads the line from the front of standard input instead.
        var script = Encoding.UTF8.GetBytes(line);
        var count = script.Length.ToString(CultureInfo.InvariantCulture);
        return ($"eval \"$(head -c {count})\"", (byte[])[.. script, .. input.Span]);
    }
}
