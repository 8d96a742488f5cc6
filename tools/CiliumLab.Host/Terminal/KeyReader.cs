using System.Text;

namespace CiliumLab.Host.Terminal;

/// <summary>A line from the keyboard, key by key, so that Ctrl+C gives the line up and nothing of it is left for the next one.</summary>
internal sealed class KeyReader(Interrupt interrupt)
{
    private Task<ConsoleKeyInfo>? _pendingKey;

    /// <summary>The line; null when Ctrl+D ends the input on an empty one.</summary>
    public string? ReadLine(bool echo)
    {
        var line = new StringBuilder();
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                var key = Next();
                switch (key)
                {
                    case { Key: ConsoleKey.Enter }:
                        Console.WriteLine();
                        return line.ToString();
                    case { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control }:
                        Console.WriteLine("^C");
                        interrupt.Raise();
                        throw new OperationCanceledException();
                    case { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } when line.Length == 0:
                        Console.WriteLine();
                        return null;
                    case { Key: ConsoleKey.Backspace }:
                        Erase(line, 1, echo);
                        break;
                    case { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control }:
                        Erase(line, line.Length, echo);
                        break;
                    case { KeyChar: >= ' ' and not '\u007f' }:
                        line.Append(key.KeyChar);
                        if (echo)
                            Console.Write(key.KeyChar);
                        break;
                    default:
                        break;
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    // A signal from outside ends the wait; the key that is still awaited then serves the next line.
    private ConsoleKeyInfo Next()
    {
        _pendingKey ??= Task.Run(() => Console.ReadKey(intercept: true));
        _pendingKey.Wait(interrupt.Token);
        var key = _pendingKey.Result;
        _pendingKey = null;
        return key;
    }

    private static void Erase(StringBuilder line, int count, bool echo)
    {
        for (; count > 0 && line.Length > 0; count--)
        {
            line.Length--;
            if (echo)
                Console.Write("\b \b");
        }
    }
}
