using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>How objects go over the wire: as they are, as a Table for people, or as metadata only.</summary>
internal sealed class Representation
{
    private readonly ObjectRequest _request;
    private readonly string _apiVersion;
    private readonly Shape _shape;

    private Representation(ObjectRequest request, Shape shape)
    {
        _request = request;
        _shape = shape;
        _apiVersion = request.Type.ApiVersionOf(request.Path.Version);
    }

    private enum Shape
    {
        Plain,
        Table,
        Metadata,
    }

    /// <summary>The answer's content type.</summary>
    public string ContentType { get; } = "application/json";

    /// <summary>Reads what the client accepts.</summary>
    /// <exception cref="ApiException">Nothing that it accepts can be produced (406).</exception>
    public static Representation Of(ObjectRequest request)
    {
        var accept = request.Context.Request.Headers.Accept.ToString();
        if (accept.Length == 0)
            return new(request, Shape.Plain);
        foreach (var part in accept.Split(','))
        {
            var words = part.Split(';', StringSplitOptions.TrimEntries);
            var kind = words.FirstOrDefault(static w => w.StartsWith("as=", StringComparison.Ordinal));
            if (words[0] is not ("application/json" or "*/*" or "application/*"))
                continue;
            if (kind is not null && !words.Contains("g=meta.k8s.io"))
                continue;
            switch (kind)
            {
                case "as=Table" when words.Contains("v=v1"):
                    return new(request, Shape.Table);
                case "as=PartialObjectMetadata" or "as=PartialObjectMetadataList" when words.Contains("v=v1"):
                    return new(request, Shape.Metadata);
                case null:
                    return new(request, Shape.Plain);
            }
        }
        throw ApiException.NotAcceptable("application/json");
    }

    /// <summary>One object.</summary>
    public ReadOnlyMemory<byte> One(StoredObject obj) => _shape switch
    {
        Shape.Table => Table([obj], obj.ResourceVersion, true).ToUtf8(),
        Shape.Metadata => Metadata(obj).ToUtf8(),
        _ => Plain(obj),
    };

    /// <summary>One object within a watch; a table names its columns the first time only.</summary>
    public ReadOnlyMemory<byte> Event(StoredObject obj, bool first) =>
        _shape == Shape.Table ? Table([obj], obj.ResourceVersion, first).ToUtf8() : One(obj);

    /// <summary>A bookmark of this type.</summary>
    public JsonObject Bookmark(long resourceVersion, bool endsInitialEvents)
    {
        var metadata = new JsonObject { ["resourceVersion"] = resourceVersion.ToString(null, null) };
        if (_shape != Shape.Table)
            metadata["creationTimestamp"] = null;
        if (endsInitialEvents)
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        return _shape switch
        {
            Shape.Table => new JsonObject
            {
                ["kind"] = "Table",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = metadata,
                ["columnDefinitions"] = null,
                ["rows"] = new JsonArray(),
            },
            Shape.Metadata => new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata },
            _ => new JsonObject { ["kind"] = _request.Type.Kind, ["apiVersion"] = _apiVersion, ["metadata"] = metadata },
        };
    }

    /// <summary>Writes a list.</summary>
    public async Task WriteListAsync(Stream output, IReadOnlyList<StoredObject> items, JsonObject metadata, CancellationToken cancellationToken)
    {
        if (_shape == Shape.Table)
        {
            var table = Table(items, 0, true);
            table["metadata"] = metadata;
            await output.WriteAsync(table.ToUtf8(), cancellationToken).ConfigureAwait(false);
            return;
        }
        var (kind, apiVersion) = _shape == Shape.Metadata ? ("PartialObjectMetadataList", "meta.k8s.io/v1") : (_request.Type.ListKind, _apiVersion);
        var head = $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{metadata.ToJsonString(JsonFields.Plain)},\"items\":[";
        await output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(head), cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                await output.WriteAsync(","u8.ToArray(), cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(One(items[i]), cancellationToken).ConfigureAwait(false);
        }
        await output.WriteAsync("]}"u8.ToArray(), cancellationToken).ConfigureAwait(false);
    }

    private ReadOnlyMemory<byte> Plain(StoredObject obj)
    {
        if (_request.Type == ResourceTypes.NewEvents)
            return EventConversion.ToNew(obj.Json).ToUtf8();
        if (_apiVersion == obj.Type.ApiVersion)
            return obj.Utf8;
        var other = obj.Copy();
        other["apiVersion"] = _apiVersion;
        return other.ToUtf8();
    }

    private static JsonObject Metadata(StoredObject obj) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = obj.Json["metadata"]!.DeepClone(),
    };

    private JsonObject Table(IReadOnlyList<StoredObject> items, long resourceVersion, bool withColumns)
    {
        var layout = TableLayouts.Of(_request.Type, _request.Path.Version);
        var include = _request.Query("includeObject") ?? "Metadata";
        var now = _request.Store.Clock.GetUtcNow();
        var rows = new JsonArray();
        foreach (var item in items)
        {
            var row = new JsonObject { ["cells"] = layout.Cells(item.Json, now) };
            if (layout.Conditions(item.Json) is { } conditions)
                row["conditions"] = conditions;
            row["object"] = include switch
            {
                "None" => null,
                "Object" => JsonNode.Parse(Plain(item).Span),
                _ => Metadata(item),
            };
            rows.Add((JsonNode)row);
        }
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion == 0 ? "" : resourceVersion.ToString(null, null) },
            ["columnDefinitions"] = withColumns ? layout.Definitions() : null,
            ["rows"] = rows,
        };
    }
}
