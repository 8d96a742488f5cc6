using System.Globalization;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>RFC 6902: a list of operations.</summary>
internal static class JsonPatch
{
    /// <summary>Applies the operations in order; all or none.</summary>
    /// <exception cref="ApiException">An operation cannot be done (422) or is none (400).</exception>
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        JsonNode? root = target;
        foreach (var operation in operations)
        {
            if (operation is not JsonObject obj || obj.Text("op") is not { } op || obj.Text("path") is not { } path)
                throw ApiException.BadRequest("error decoding patch: an operation needs op and path");
            switch (op)
            {
                case "add":
                    Add(ref root, path, Value(obj));
                    break;
                case "replace":
                    if (!TryGet(root, path, out _))
                        throw Failed($"replace operation does not apply: doc is missing key: {path}: missing value");
                    Replace(ref root, path, Value(obj));
                    break;
                case "remove":
                    Remove(ref root, path, "remove");
                    break;
                case "move":
                    var from = obj.Text("from") ?? "";
                    var moved = Require(root, from, "move");
                    Remove(ref root, from, "move");
                    Add(ref root, path, moved?.DeepClone());
                    break;
                case "copy":
                    Add(ref root, path, Require(root, obj.Text("from") ?? "", "copy")?.DeepClone());
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(Require(root, path, "test"), obj["value"]))
                        throw Failed($"testing value {path} failed: test failed");
                    break;
                default:
                    throw Failed($"Unexpected kind: {op}");
            }
        }
        return root as JsonObject ?? throw Failed("the patch leaves no object");
    }

    /// <summary>Upstream's refusal of a patch that does not fit.</summary>
    public static ApiException Failed(string why) => new(422, "Invalid", "the server rejected our request due to an error in our request")
    {
        Details = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "UnexpectedServerResponse", ["message"] = why }) },
    };

    private static JsonNode? Value(JsonObject operation) => operation["value"]?.DeepClone();

    private static string[] Steps(string path) => path.Length == 0
        ? []
        : [.. path[1..].Split('/').Select(static s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static bool TryGet(JsonNode? node, string path, out JsonNode? found)
    {
        foreach (var step in Steps(path))
        {
            switch (node)
            {
                case JsonObject obj when obj.TryGetPropertyValue(step, out var child):
                    node = child;
                    break;
                case JsonArray array when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < array.Count:
                    node = array[index];
                    break;
                default:
                    found = null;
                    return false;
            }
        }
        found = node;
        return true;
    }

    private static JsonNode? Require(JsonNode? root, string path, string op) =>
        TryGet(root, path, out var found) ? found : throw Failed($"{op} operation does not apply: doc is missing path: {path}: missing value");

    private static (JsonNode Parent, string Last) Parent(JsonNode? root, string path, string op)
    {
        var cut = path.LastIndexOf('/');
        var parent = Require(root, path[..Math.Max(cut, 0)], op) ?? throw Failed($"{op} operation does not apply: doc is missing path: \"{path}\": missing value");
        return (parent, Steps("/" + path[(cut + 1)..])[0]);
    }

    private static void Add(ref JsonNode? root, string path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            root = value;
            return;
        }
        var (parent, last) = Parent(root, path, "add");
        if (parent is JsonObject obj)
            obj[last] = value;
        else if (parent is JsonArray array)
            array.Insert(last == "-" ? array.Count : Index(last, array.Count), value);
        else
            throw Failed($"add operation does not apply: doc is missing path: \"{path}\": missing value");
    }

    private static void Replace(ref JsonNode? root, string path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            root = value;
            return;
        }
        var (parent, last) = Parent(root, path, "replace");
        if (parent is JsonObject obj)
            obj[last] = value;
        else if (parent is JsonArray array)
            array[Index(last, array.Count - 1)] = value;
    }

    private static void Remove(ref JsonNode? root, string path, string op)
    {
        var (parent, last) = Parent(root, path, op);
        if (parent is JsonObject obj && obj.ContainsKey(last))
            obj.Remove(last);
        else if (parent is JsonArray array)
            array.RemoveAt(Index(last, array.Count - 1));
        else
            throw Failed($"{op} operation does not apply: Unable to remove nonexistent key: {last}: missing value");
    }

    private static int Index(string text, int largest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= largest
            ? index
            : throw Failed($"Unable to access invalid index: {text}: invalid index referenced");
}
