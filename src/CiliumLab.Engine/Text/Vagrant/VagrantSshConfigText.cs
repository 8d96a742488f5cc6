using System.Globalization;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>vagrant ssh-config</c> (templates/commands/ssh_config/config.erb): a Host line for each machine and indented options of
/// OpenSSH's client. With <c>--machine-readable</c> the same text also stands in a line of type <c>ssh-config</c>.
/// </summary>
public static class VagrantSshConfigText
{
    private const string Kind = "VagrantSshConfig";

    /// <summary>Reads the machines in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="warn">Is told of each line that is no option, and of a port that is none.</param>
    public static IEnumerable<VagrantSshHost> Parse(TextReader text, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        List<(int Line, string Name, string Value)>? host = null;
        while (lines.Next() is { } line)
        {
            // What Vagrant prints for machines it prints once more for people.
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#') || VagrantLine.Parse(line) is { Type: not "error-exit" })
                continue;
            var words = line.Trim().Split((char[]?)null, 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (words is ["Host", _])
            {
                if (host is not null)
                    yield return Of(host, warn);
                host = [(lines.Number, words[0], Unquoted(words[1]))];
            }
            else if (host is null)
            {
                throw OutputErrors.NotThisOutput(Kind, lines.Number, line);
            }
            else if (words.Length == 2 && char.IsWhiteSpace(line[0]))
            {
                host.Add((lines.Number, words[0], Unquoted(words[1])));
            }
            else
            {
                warn(new TextWarning(lines.Number, line, "expected an indented option and its value"));
            }
        }

        if (host is not null)
            yield return Of(host, warn);
    }

    private static VagrantSshHost Of(List<(int Line, string Name, string Value)> lines, Action<TextWarning> warn)
    {
        var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var found = new VagrantSshHost { Node = lines[0].Value, HostName = lines[0].Value };
        foreach (var (number, name, value) in lines.Skip(1))
        {
            switch (name)
            {
                case "HostName":
                    found = found with { HostName = value };
                    break;
                case "User":
                    found = found with { User = value };
                    break;
                case "Port" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0:
                    found = found with { Port = port };
                    break;
                case "Port":
                    warn(new TextWarning(number, value, "expected a port from 1 to 65535"));
                    break;
                case "IdentityFile":
                    found = found with { KeyPath = [.. found.KeyPath, value] };
                    break;
                default:
                    options[name] = value;
                    break;
            }
        }

        return found with { Options = options };
    }

    private static string Unquoted(string value) => value is ['"', .. var inner, '"'] ? inner : value;
}
