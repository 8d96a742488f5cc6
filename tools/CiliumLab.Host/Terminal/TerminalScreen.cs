using System.Management.Automation.Host;

namespace CiliumLab.Host.Terminal;

/// <summary>The screen's size; what a script would draw with beyond that, this host does not have.</summary>
internal sealed class TerminalScreen : PSHostRawUserInterface
{
    // What a file or a pipe is laid out for.
    private const int WidthWithoutTerminal = 120;
    private const int HeightWithoutTerminal = 50;

    public static int Width => Measured(() => Console.WindowWidth, WidthWithoutTerminal);

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override Size BufferSize
    {
        get => new(Width, Measured(() => Console.WindowHeight, HeightWithoutTerminal));
        set => throw Unsupported();
    }

    public override Size WindowSize
    {
        get => BufferSize;
        set => throw Unsupported();
    }

    public override Size MaxPhysicalWindowSize => BufferSize;

    public override Size MaxWindowSize => BufferSize;

    public override Coordinates CursorPosition { get; set; }

    public override Coordinates WindowPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override bool KeyAvailable => false;

    public override string WindowTitle { get; set; } = "CiliumLab";

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unsupported();

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw Unsupported();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw Unsupported();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw Unsupported();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw Unsupported();

    private static int Measured(Func<int> measure, int otherwise)
    {
        if (Console.IsOutputRedirected)
            return otherwise;
        try
        {
            return measure() is > 0 and var size ? size : otherwise;
        }
        catch (IOException)
        {
            return otherwise;
        }
    }

    private static NotSupportedException Unsupported() => new("This host cannot draw on the screen; run the script in pwsh for that.");
}
