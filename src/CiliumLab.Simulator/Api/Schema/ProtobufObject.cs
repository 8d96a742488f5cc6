using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>
/// Reads objects in Kubernetes' protobuf form, which kubectl's own commands (<c>create deployment</c>, <c>auth can-i</c>) send whatever
/// the server would prefer. Field numbers come from the table of fields.
/// </summary>
internal static class ProtobufObject
{
    /// <summary>Fields that Go holds by pointer: zero is a value there and must not vanish.</summary>
    private static readonly HashSet<string> ZeroMatters =
        ["replicas", "parallelism", "completions", "backoffLimit", "automountServiceAccountToken", "gracePeriodSeconds", "enableServiceLinks",
         "terminationGracePeriodSeconds", "tolerationSeconds", "revisionHistoryLimit", "value"];

    /// <summary>Reads a message with its envelope.</summary>
    /// <exception cref="ApiException">It is none (400), or of a kind or with fields that cannot be read here (415).</exception>
    public static JsonObject Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8))
            throw ApiException.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        var (apiVersion, kind) = ("", "");
        ReadOnlySpan<byte> raw = [];
        var envelope = new Reader(body[4..]);
        while (envelope.Next(out var number, out var _, out var bytes))
        {
            if (number == 1)
            {
                var type = new Reader(bytes);
                while (type.Next(out var field, out var _, out var text))
                {
                    if (field == 1)
                        apiVersion = Encoding.UTF8.GetString(text);
                    else
                        kind = Encoding.UTF8.GetString(text);
                }
            }
            else if (number == 2)
            {
                raw = bytes;
            }
        }
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var schema = kind == "DeleteOptions"
            ? new FieldSchema { Shape = FieldShape.Object, Type = SchemaTable.Types["DeleteOptions"] }
            : SchemaTable.OfKind(slash < 0 ? "" : apiVersion[..slash], apiVersion[(slash + 1)..], kind);
        if (schema.Type is null)
            throw ApiException.UnsupportedMediaType("application/json, application/yaml");
        var obj = Message(raw, schema.Type);
        obj["apiVersion"] = apiVersion;
        obj["kind"] = kind;
        return obj;
    }

    private static JsonObject Message(ReadOnlySpan<byte> data, TypeSchema type)
    {
        var obj = new JsonObject();
        var reader = new Reader(data);
        while (reader.Next(out var number, out var value, out var bytes))
        {
            if (type.Embedded.TryGetValue(number, out var embedded))
            {
                foreach (var (part, content) in Message(bytes, embedded))
                    obj[part] = content?.DeepClone();
                continue;
            }
            var (name, field) = type.Fields.FirstOrDefault(f => f.Value.Number == number);
            if (name is null || field.Shape == FieldShape.Any)
            {
                // structs that are always sent come empty when nobody filled them
                if (bytes.IsEmpty && value == 0 || type.IsOpen || name == "status")
                    continue;
                throw ApiException.UnsupportedMediaType("application/json, application/yaml");
            }
            if (field.Shape == FieldShape.List)
            {
                obj.EnsureArray(name).Add(Value(value, bytes, field.Items!));
            }
            else if (field.Shape == FieldShape.Map)
            {
                var entry = new Reader(bytes);
                var key = "";
                JsonNode? item = Value(0, [], field.Items!) ?? "";
                while (entry.Next(out var part, out var small, out var content))
                {
                    if (part == 1)
                        key = Encoding.UTF8.GetString(content);
                    else
                        item = Value(small, content, field.Items!) ?? "";
                }
                obj.Ensure(name)[key] = item;
            }
            else if (Value(value, bytes, field) is { } node && !IsZero(node, name))
            {
                obj[name] = node;
            }
        }
        return obj;
    }

    private static bool IsZero(JsonNode node, string name) => node switch
    {
        JsonObject obj => obj.Count == 0 && name is "status" or "metadata" or "strategy" or "resources",
        JsonValue value => !ZeroMatters.Contains(name) && value.ToJsonString() is "0" or "false" or "\"\"",
        _ => false,
    };

    private static JsonNode? Value(ulong value, ReadOnlySpan<byte> bytes, FieldSchema field)
    {
        switch (field.Shape)
        {
            case FieldShape.Integer:
                return (long)value;
            case FieldShape.Truth:
                return value != 0;
            case FieldShape.Bytes:
                return Convert.ToBase64String(bytes);
            case FieldShape.Object:
                return Message(bytes, field.Type!);
            case FieldShape.Quantity:
                var quantity = new Reader(bytes);
                return quantity.Next(out var _, out var _, out var text) ? Encoding.UTF8.GetString(text) : "0";
            case FieldShape.IntOrString:
                var (isText, number, word) = (false, 0L, "");
                var either = new Reader(bytes);
                while (either.Next(out var part, out var small, out var content))
                {
                    if (part == 1)
                        isText = small == 1;
                    else if (part == 2)
                        number = (long)small;
                    else
                        word = Encoding.UTF8.GetString(content);
                }
                return isText ? word : number;
            case FieldShape.Time:
                var seconds = 0L;
                var time = new Reader(bytes);
                while (time.Next(out var unit, out var count, out var _))
                    seconds = unit == 1 ? (long)count : seconds;
                return seconds > 0 ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null;
            default:
                return Encoding.UTF8.GetString(bytes);
        }
    }

    /// <summary>Walks over the fields of a message.</summary>
    private ref struct Reader(ReadOnlySpan<byte> data)
    {
        private ReadOnlySpan<byte> _rest = data;

        public bool Next(out int number, out ulong value, out ReadOnlySpan<byte> bytes)
        {
            number = 0;
            value = 0;
            bytes = [];
            if (_rest.IsEmpty)
                return false;
            var tag = Varint();
            number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    value = Varint();
                    return true;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                    return true;
                case 2:
                    bytes = Take(Varint());
                    return true;
                case 5:
                    value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                    return true;
                default:
                    throw ApiException.BadRequest("proto: illegal wireType");
            }
        }

        private ulong Varint()
        {
            var result = 0ul;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var next = Take(1)[0];
                result |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return result;
            }
            throw ApiException.BadRequest("proto: integer overflow");
        }

        private ReadOnlySpan<byte> Take(ulong count)
        {
            if (count > (ulong)_rest.Length)
                throw ApiException.BadRequest("unexpected EOF");
            var taken = _rest[..(int)count];
            _rest = _rest[(int)count..];
            return taken;
        }
    }
}
