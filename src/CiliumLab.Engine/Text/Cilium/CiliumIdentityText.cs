using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>cilium-dbg identity list</c>, also with <c>--endpoints</c>, text and JSON (models.Identity, models.IdentityEndpoints).</summary>
public static partial class CiliumIdentityText
{
    private const string Kind = "CiliumIdentityList";
    private const string Expected = "an identity with its number and labels";

    /// <summary>Reads the identities in the output's order, each as soon as it is whole.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumIdentity> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => JsonItems.OfArray(Kind, lines, warn, Expected, item => FromJson(item, node)),
            OutputForm.Text => new TextRows<CiliumIdentity>(Kind, Expected, line => Row(line, node))
            {
                IsHeading = static line => Heading().IsMatch(line),
                Extend = static (identity, line) => line.Trim() is var label && CiliumValues.IsLabel(label)
                    ? identity with { Labels = LabelDictionary.Of([.. identity.Labels.Texts, label]) }
                    : null,
            }.Read(lines, warn),
            _ => [],
        };
    }

    private static CiliumIdentity? FromJson(JsonElement item, string? node)
    {
        var identity = item.Object("identity") ?? item;

        // Endpoints have a number too, and no labels beside it.
        if (identity.UInt32("id") is not { } id || !identity.TryGetProperty("labels", out var labels) || labels.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null))
            return null;
        return new CiliumIdentity { Node = node, IdentityId = id, Labels = LabelDictionary.Of(identity.Texts("labels")), EndpointCount = item.Int32("refCount") };
    }

    private static CiliumIdentity? Row(string line, string? node)
    {
        if (Columns().Match(line) is not { Success: true } columns
            || !uint.TryParse(columns.Groups["id"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !CiliumValues.IsLabel(columns.Groups["label"].Value))
        {
            return null;
        }

        return new CiliumIdentity
        {
            Node = node,
            IdentityId = id,
            Labels = LabelDictionary.Of(columns.Groups["label"].Value),
            EndpointCount = int.TryParse(columns.Groups["count"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null,
        };
    }

    [GeneratedRegex(@"^ID\s+LABELS(?:\s+REFCOUNT)?\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?<id>\d+)\s+(?<label>[a-z][\w.-]*:\S+)(?:\s+(?<count>\d+))?\s*$")]
    private static partial Regex Columns();
}
