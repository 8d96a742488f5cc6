using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary><c>ip</c>: addresses, links, routes, rules, neighbours and namespaces, as iproute2 6.1 does it.</summary>
internal sealed class IpProgram() : ImmediateProgram("/usr/sbin/ip", "/sbin/ip")
{
    private const string Version = "ip utility, iproute2-6.1.0, libbpf 1.3.0";

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var words = call.Arguments.ToList();
        var options = new IprouteOptions();
        var network = call.Network;
        while (words.Count > 0 && words[0].StartsWith('-'))
        {
            var option = words[0].StartsWith("--", StringComparison.Ordinal) ? words[0][1..] : words[0];
            words.RemoveAt(0);
            if (option == "-")
                break;
            if (IprouteArguments.Matches(option, "-Version"))
            {
                call.Line(Version);
                return 0;
            }

            if (option is "-h" or "-help")
                return Usage(call);
            if (option is "-n" or "-netns")
            {
                var name = words.Count > 0 ? words[0] : throw new ProgramException(255, "Command line is not complete. Try option \"help\"\n");
                words.RemoveAt(0);
                network = call.Node.Kernel.FindNamespace(name)
                    ?? throw new ProgramException(255, $"Cannot open network namespace \"{name}\": No such file or directory\n");
                continue;
            }

            if (option is "-f" or "-family")
            {
                var name = words.Count > 0 ? words[0] : throw new ProgramException(255, "Command line is not complete. Try option \"help\"\n");
                words.RemoveAt(0);
                options = options with { Family = name == "inet6" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork };
                continue;
            }

            options = Read(options, option) ?? throw new ProgramException(255, $"Option \"{option}\" is unknown, try \"ip -help\".\n");
        }

        if (words.Count == 0)
            return Usage(call);
        var context = new IpContext(call, network, options, new IprouteArguments([.. words.Skip(1)]));
        return Dispatch(context, words[0]);
    }

    /// <summary>Reads an option that all of iproute2's programs have; null when there is none of the name.</summary>
    internal static IprouteOptions? Read(IprouteOptions options, string option) => option switch
    {
        "-4" => options with { Family = AddressFamily.InterNetwork },
        "-6" => options with { Family = AddressFamily.InterNetworkV6 },
        "-c" or "-color" or "-c=always" or "-color=always" => options with { Color = true },
        "-c=auto" or "-color=auto" or "-c=never" or "-color=never" => options with { Color = false },
        "-br" or "-brief" => options with { Brief = true },
        "-N" or "-Numeric" => options with { Numeric = true },
        "-a" or "-all" or "-h" or "-human" or "-t" or "-timestamp" => options,
        _ when IprouteArguments.Matches(option, "-json") && option.Length > 1 => options with { Json = true },
        _ when IprouteArguments.Matches(option, "-pretty") && option.Length > 1 => options with { Pretty = true },
        _ when IprouteArguments.Matches(option, "-details") && option.Length > 1 => options with { Details = true },
        _ when IprouteArguments.Matches(option, "-oneline") && option.Length > 1 => options with { OneLine = true },
        _ when option.Length > 1 && (IprouteArguments.Matches(option, "-stats") || IprouteArguments.Matches(option, "-statistics")) =>
            options with { Statistics = options.Statistics + 1 },
        _ => null,
    };

    private static int Dispatch(IpContext context, string word)
    {
        if (IprouteArguments.Matches(word, "address"))
            return IpAddressObject.Run(context);
        if (IprouteArguments.Matches(word, "route"))
            return IpRouteObject.Run(context);
        if (IprouteArguments.Matches(word, "rule"))
            return IpRuleObject.Run(context);
        if (IprouteArguments.Matches(word, "neighbor") || IprouteArguments.Matches(word, "neighbour"))
            return IpNeighborObject.Run(context);
        if (IprouteArguments.Matches(word, "link"))
            return IpLinkObject.Run(context);
        if (IprouteArguments.Matches(word, "netns") && word.Length > 3)
            return IpNamespaceObject.Run(context);
        if (IprouteArguments.Matches(word, "help"))
            return Usage(context.Call);
        throw new ProgramException(1, $"Object \"{word}\" is unknown, try \"ip help\".\n");
    }

    private static int Usage(ProgramCall call)
    {
        call.Error.Append("""
            Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
                   ip [ -force ] -batch filename
            where  OBJECT := { address | help | link | neighbor | neighbour | netns | route | rule }
                   OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -j[son] | -p[retty] |
                                -f[amily] { inet | inet6 } | -4 | -6 | -br[ief] | -o[neline] |
                                -n[etns] name | -N[umeric] | -a[ll] | -c[olor]}

            """);
        return 255;
    }
}

/// <summary>One call of ip, after its options.</summary>
internal sealed record IpContext(ProgramCall Call, NetworkNamespace Network, IprouteOptions Options, IprouteArguments Arguments)
{
    /// <summary>The family that was asked for or else IPv4, as routes and rules take it.</summary>
    public AddressFamily FamilyOrIpv4 => Options.Family ?? AddressFamily.InterNetwork;

    /// <summary>Fails when a user asks who may not change the network.</summary>
    public void RequireRoot()
    {
        if (!Call.User.IsRoot)
            throw new ProgramException(2, "RTNETLINK answers: Operation not permitted\n");
    }

    /// <summary>A command that the object does not have.</summary>
    public static ProgramException Unknown(string command, string help) => new(255, $"Command \"{command}\" is unknown, try \"{help}\".\n");
}
