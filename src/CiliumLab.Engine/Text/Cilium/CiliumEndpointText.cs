using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>cilium-dbg endpoint list</c> and <c>endpoint get -o json</c>, text and JSON (models.Endpoint).</summary>
public static partial class CiliumEndpointText
{
    private const string Kind = "CiliumEndpointList";

    private static readonly Dictionary<string, CiliumEndpointState> States = new(StringComparer.Ordinal)
    {
        ["waiting-for-identity"] = CiliumEndpointState.WaitingForIdentity,
        ["not-ready"] = CiliumEndpointState.NotReady,
        ["waiting-to-regenerate"] = CiliumEndpointState.WaitingToRegenerate,
        ["regenerating"] = CiliumEndpointState.Regenerating,
        ["restoring"] = CiliumEndpointState.Restoring,
        ["ready"] = CiliumEndpointState.Ready,
        ["disconnecting"] = CiliumEndpointState.Disconnecting,
        ["disconnected"] = CiliumEndpointState.Disconnected,
        ["invalid"] = CiliumEndpointState.Invalid,
    };

    /// <summary>Reads the endpoints in the output's order, each as soon as it is whole.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumEndpoint> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => JsonItems.OfArray(Kind, lines, warn, "an endpoint with its number and state", item => CiliumEndpointJson.Read(item, node)),
            OutputForm.Text => new TextRows<CiliumEndpoint>(Kind, "an endpoint with its number, policies, identity and state", line => Row(line, node))
            {
                IsHeading = static line => Heading().IsMatch(line),
                Extend = Extend,
            }.Read(lines, warn),
            _ => [],
        };
    }

    internal static CiliumEndpointState? State(string? word) => word is not null && States.TryGetValue(word, out var state) ? state : null;

    private static CiliumEndpoint? Row(string line, string? node)
    {
        if (Columns().Match(line) is not { Success: true } columns
            || !int.TryParse(columns.Groups["id"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }

        // What is behind the identity may be missing, all but the state; no two of them look alike.
        var words = columns.Groups["rest"].Value.Replace("no labels", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0 or > 4 || State(words[^1]) is not { } state)
            return null;
        var endpoint = new CiliumEndpoint
        {
            Node = node,
            EndpointId = id,
            IngressPolicy = Enforcement(columns.Groups["ingress"].Value),
            EgressPolicy = Enforcement(columns.Groups["egress"].Value),
            IdentityId = uint.TryParse(columns.Groups["identity"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var identity) ? identity : null,
            State = state,
        };
        foreach (var word in words[..^1])
        {
            if (CiliumValues.TryAddress(word, out var address))
            {
                endpoint = word.Contains(':', StringComparison.Ordinal) ? endpoint with { IPv6 = address } : endpoint with { IPv4 = address };
                continue;
            }

            if (!CiliumValues.IsLabel(word) || endpoint.Labels.Count > 0)
                return null;
            endpoint = With(endpoint, word);
        }

        return endpoint;
    }

    private static CiliumEndpoint? Extend(CiliumEndpoint endpoint, string line) =>
        line.Trim() is var label && CiliumValues.IsLabel(label) ? With(endpoint, label) : null;

    private static CiliumEndpoint With(CiliumEndpoint endpoint, string label)
    {
        var labels = LabelDictionary.Of([.. endpoint.Labels.Texts, label]);
        return endpoint with { Labels = labels, Namespace = labels.TryGetValue("k8s:io.kubernetes.pod.namespace", out var name) ? name : null };
    }

    private static PolicyEnforcement Enforcement(string cell) => cell switch
    {
        "Enabled" => PolicyEnforcement.Enabled,
        "Disabled" => PolicyEnforcement.Disabled,
        _ => PolicyEnforcement.Audit,
    };

    [GeneratedRegex(@"^(?:ENDPOINT\s+POLICY \(ingress\)|\s*ENFORCEMENT\s+ENFORCEMENT)")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?<id>\d+)\s+(?<ingress>(?:Disabled|Enabled)(?: \(Audit\))?)\s+(?<egress>(?:Disabled|Enabled)(?: \(Audit\))?)\s+(?<identity>\d+|<no label id>)\s+(?<rest>.*)$")]
    private static partial Regex Columns();
}
