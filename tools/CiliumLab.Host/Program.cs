using System.Globalization;
using CiliumLab.Host.Terminal;

namespace CiliumLab.Host;

/// <summary>A small PowerShell for machines that have none: the real engine with the CiliumLab module imported.</summary>
internal static class Program
{
    // sysexits.h: the command was used wrongly.
    private const int UsageError = 64;

    public static int Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = new PlainEnglish();
        HostArguments chosen;
        try
        {
            chosen = HostArguments.Parse(arguments);
        }
        catch (FormatException error)
        {
            Console.Error.WriteLine(error.Message);
            return UsageError;
        }

        if (chosen.Mode == HostMode.Help)
        {
            Console.Out.WriteLine(HostArguments.Usage);
            return 0;
        }

        if (chosen.Mode == HostMode.Interactive && (Console.IsInputRedirected || Console.IsOutputRedirected))
        {
            Console.Error.WriteLine("An interactive prompt needs a terminal.\n" + HostArguments.Usage);
            return UsageError;
        }

        using var interrupt = new Interrupt();
        using var session = new HostSession(interrupt, chosen.NonInteractive);
        if (chosen.Module is { } module && !session.Import(module))
            return 1;
        return chosen.Mode switch
        {
            HostMode.File => session.RunFile(chosen.Text, chosen.Rest),
            HostMode.Command => session.RunCommand(chosen.Text),
            _ => new InteractivePrompt(session).Run(),
        };
    }
}
