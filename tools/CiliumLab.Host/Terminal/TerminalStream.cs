using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Text;

namespace CiliumLab.Host.Terminal;

/// <summary>Standard output or standard error: UTF-8, and free of colour codes where nobody would see the colours.</summary>
internal sealed class TerminalStream
{
    private readonly TextWriter _writer;

    private TerminalStream(Stream stream, bool redirected)
    {
        _writer = TextWriter.Synchronized(new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true });
        IsTerminal = !redirected;
        IsPlain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
    }

    public static TerminalStream Output { get; } = new(Console.OpenStandardOutput(), Console.IsOutputRedirected);

    public static TerminalStream Error { get; } = new(Console.OpenStandardError(), Console.IsErrorRedirected);

    public bool IsTerminal { get; }

    /// <summary>Whether colour codes are left out.</summary>
    public bool IsPlain { get; }

    public void Write(string? text) => _writer.Write(IsPlain ? Plain(text) : text);

    public void WriteLine(string? text) => _writer.WriteLine(IsPlain ? Plain(text) : text);

    /// <summary>Writes in a colour, given as its escape sequence.</summary>
    public void WriteLine(string style, string text) => _writer.WriteLine(IsPlain ? Plain(text) : style + text + PSStyle.Instance.Reset);

    private static string? Plain(string? text) => text is null ? null : new StringDecorated(text).ToString(OutputRendering.PlainText);
}
