using System.Net.Sockets;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>ip route</c> of one table or all, IPv4 and IPv6, as text (also <c>-d</c>, <c>-o</c>) or as JSON (<c>-j</c>).</summary>
/// <remarks>The format is that of <c>print_route</c> in ip/iproute.c: what is not printed is <c>unicast</c>, table <c>main</c>, protocol <c>boot</c>.</remarks>
public static class IpRouteText
{
    /// <summary>Reads the routes in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when no route could be read.</exception>
    public static IEnumerable<NodeRoute> Parse(TextReader text, string? node, Action<TextWarning> warn) =>
        Parse(text, node, warn, AddressFamily.InterNetwork);

    /// <summary>Reads the routes of an output whose family is known.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <param name="family">What <c>default</c> means in a line that shows neither an address nor a preference.</param>
    public static IEnumerable<NodeRoute> Parse(TextReader text, string? node, Action<TextWarning> warn, AddressFamily family)
    {
        var lines = new LineReader(text);
        while (lines.Peek() is { } blank && string.IsNullOrWhiteSpace(blank))
            lines.Next();
        if (lines.Peek() is not { } first)
            return [];
        return IprouteJson.StartsAt(first)
            ? RouteJson.Read(IprouteJson.Items("ip route", lines, warn), node, family)
            : Lines(lines, node, warn, family);
    }

    private static IEnumerable<NodeRoute> Lines(LineReader lines, string? node, Action<TextWarning> warn, AddressFamily family)
    {
        var start = new OutputStart("ip route", warn);
        RouteParts? current = null;
        while (lines.Next() is { } whole)
        {
            // ip -o joins the lines of a route with backslashes.
            foreach (var part in whole.Split('\\'))
            {
                if (string.IsNullOrWhiteSpace(part))
                    continue;
                var words = new IprouteWords(lines.Number, part, warn);
                if (current is not null && words.Peek is ("nexthop" or "nh_info" or "cache"))
                {
                    current.AddLine(words);
                    continue;
                }

                if (RouteParts.Begin(node, words) is not { } next)
                {
                    start.Warn(new TextWarning(lines.Number, part, "expected a route"));
                    continue;
                }

                start.Understood();
                if (current is not null)
                    yield return current.Finish(family);
                current = next;
                current.AddWords(words);
            }
        }

        start.AtEnd();
        if (current is not null)
            yield return current.Finish(family);
    }
}
