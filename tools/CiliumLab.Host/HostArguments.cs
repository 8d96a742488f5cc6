namespace CiliumLab.Host;

/// <summary>What the host is asked to run.</summary>
internal enum HostMode
{
    Interactive,
    File,
    Command,
    Help,
}

/// <summary>The host's own arguments, and what is left of them for the script.</summary>
internal sealed record HostArguments(HostMode Mode, string Text, IReadOnlyList<string> Rest, string? Module, bool NonInteractive)
{
    public const string Usage = """
        usage: CiliumLab.Host [-NoModule] [-NonInteractive] [-File] SCRIPT.ps1 [ARGUMENT...]
               CiliumLab.Host [-NoModule] [-NonInteractive] -Command TEXT
               CiliumLab.Host [-NoModule]                        (a prompt, on a terminal)

        The module is imported from out/CiliumLab/CiliumLab.psd1, or from $CILIUMLAB_MODULE.
        """;

    /// <exception cref="FormatException">The arguments do not say what to run.</exception>
    public static HostArguments Parse(IReadOnlyList<string> arguments)
    {
        var withModule = true;
        var nonInteractive = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i].ToUpperInvariant())
            {
                case "-NOMODULE":
                    withModule = false;
                    break;
                case "-NONINTERACTIVE":
                    nonInteractive = true;
                    break;
                case "-?" or "-H" or "-HELP" or "--HELP":
                    return new HostArguments(HostMode.Help, "", [], null, nonInteractive);
                case "-COMMAND" or "-C":
                    return Made(HostMode.Command, string.Join(' ', Following(arguments, i)), []);
                case "-FILE" or "-F":
                    return Script(i + 1);
                case ['-', ..]:
                    throw new FormatException($"'{arguments[i]}' is not an argument of this host.\n{Usage}");
                default:
                    return Script(i);
            }
        }

        return Made(HostMode.Interactive, "", []);

        HostArguments Script(int at) => Made(HostMode.File, Following(arguments, at - 1)[0], [.. arguments.Skip(at + 1)]);

        HostArguments Made(HostMode mode, string text, IReadOnlyList<string> rest) =>
            new(mode, text, rest, withModule ? ModuleLocation.Find() : null, nonInteractive);
    }

    private static string[] Following(IReadOnlyList<string> arguments, int at) =>
        at + 1 < arguments.Count ? [.. arguments.Skip(at + 1)] : throw new FormatException($"'{arguments[at]}' needs a value.\n{Usage}");
}
