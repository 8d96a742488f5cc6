using System.Collections;
using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>
/// Writes an object with everything that it leads to. An object gets a number where it is met first, and its inside is written later:
/// so chains of any length need no stack. What lambdas have captured are objects like others, which is why work that is due later is kept too.
/// </summary>
internal sealed class GraphWriter : IDisposable
{
    private readonly BinaryWriter _out;
    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Type, int> _types = [];
    private readonly Dictionary<MethodInfo, int> _methods = [];
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Queue<object> _open = new();

    private GraphWriter(Stream output) => _out = new BinaryWriter(output, System.Text.Encoding.UTF8, leaveOpen: true);

    /// <summary>Writes an object. Nothing that it leads to may change meanwhile.</summary>
    /// <exception cref="SnapshotException">It leads to something that cannot be kept.</exception>
    public static void Write(Stream output, object root)
    {
        using var writer = new GraphWriter(output);
        writer.Reference(root);
        while (writer._open.TryDequeue(out var item))
            writer.Inside(item);
    }

    public void Dispose() => _out.Dispose();

    private void Inside(object item)
    {
        var type = GraphType.Of(item.GetType());
        try
        {
            switch (type.Shape)
            {
                case GraphShape.Array:
                    Elements((Array)item);
                    break;
                case GraphShape.Hashed:
                    Entries(item, type.Type);
                    break;
                default:
                    FieldsOf(item, type);
                    break;
            }
        }
        catch (SnapshotException error)
        {
            throw new SnapshotException($"{type.Type}: {error.Message}", error);
        }
    }

    private void FieldsOf(object item, GraphType type)
    {
        foreach (var field in type.Fields)
        {
            try
            {
                Value(field.FieldType, field.GetValue(item));
            }
            catch (SnapshotException error)
            {
                throw new SnapshotException($"{field.Name}: {error.Message}", error);
            }
        }
    }

    private void Elements(Array array)
    {
        var element = array.GetType().GetElementType()!;
        if (element.IsPrimitive)
        {
            var bytes = new byte[Buffer.ByteLength(array)];
            Buffer.BlockCopy(array, 0, bytes, 0, bytes.Length);
            _out.Write(bytes);
            return;
        }

        foreach (var item in array)
            Value(element, item);
    }

    private void Entries(object item, Type type)
    {
        // The table of weak keys has no count.
        var entries = ((IEnumerable)item).Cast<object>().ToList();
        Reference(type.GetProperty("Comparer")?.GetValue(item) ?? type.GetProperty("KeyComparer")?.GetValue(item));
        _out.Write7BitEncodedInt(entries.Count);
        var arguments = type.GetGenericArguments();
        if (arguments.Length == 1)
        {
            foreach (var entry in entries)
                Value(arguments[0], entry);
            return;
        }

        var pair = typeof(KeyValuePair<,>).MakeGenericType(arguments);
        foreach (var entry in entries)
            Value(pair, entry);
    }

    private void Value(Type type, object? value)
    {
        if (!type.IsValueType)
        {
            Reference(value);
        }
        else if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            _out.Write(value is not null);
            if (value is not null)
                Value(underlying, value);
        }
        else if (type.IsPrimitive || type.IsEnum)
        {
            Number(value!);
        }
        else
        {
            FieldsOf(value!, GraphType.Of(type));
        }
    }

    private void Reference(object? item)
    {
        if (item is null)
        {
            _out.Write7BitEncodedInt(GraphMark.Null);
        }
        else if (item is string text)
        {
            if (_texts.TryGetValue(text, out var known))
            {
                _out.Write7BitEncodedInt(GraphMark.KnownText);
                _out.Write7BitEncodedInt(known);
                return;
            }

            _texts.Add(text, _texts.Count);
            _out.Write7BitEncodedInt(GraphMark.Text);
            _out.Write(text);
        }
        else if (_numbers.TryGetValue(item, out var number))
        {
            _out.Write7BitEncodedInt(GraphMark.FirstNumber + number);
        }
        else if (GraphStatics.Here.PlaceOf(item) is { } place)
        {
            _out.Write7BitEncodedInt(GraphMark.Static);
            _out.Write7BitEncodedInt(place);
        }
        else
        {
            New(item);
        }
    }

    private void New(object item)
    {
        var type = GraphType.Of(item.GetType());
        if (type.Shape == GraphShape.Clock)
        {
            _out.Write7BitEncodedInt(GraphMark.Clock);
            return;
        }

        _numbers.Add(item, _numbers.Count);
        _out.Write7BitEncodedInt(GraphMark.New);
        switch (item)
        {
            case JsonNode json:
                TypeOf(typeof(JsonNode));
                _out.Write(json.ToJsonString());
                break;
            case IPAddress address:
                TypeOf(typeof(IPAddress));
                _out.Write(address.ToString());
                break;
            case Type named:
                TypeOf(typeof(Type));
                TypeOf(named);
                break;
            case Uri uri:
                TypeOf(typeof(Uri));
                _out.Write(uri.OriginalString);
                break;
            default:
                TypeOf(type.Type);
                if (type.Shape == GraphShape.Leaf)
                    Number(item);
                else if (item is Delegate call)
                    Call(call);
                else if (item is Array array)
                    _out.Write7BitEncodedInt(array.Length);
                if (type.Shape is GraphShape.Fields or GraphShape.Array or GraphShape.Hashed)
                    _open.Enqueue(item);
                break;
        }
    }

    private void Call(Delegate call)
    {
        var calls = call.GetInvocationList();
        _out.Write7BitEncodedInt(calls.Length);
        foreach (var one in calls)
        {
            Method(one.Method);
            Reference(one.Target);
        }
    }

    private void Method(MethodInfo method)
    {
        if (_methods.TryGetValue(method, out var known))
        {
            _out.Write7BitEncodedInt(known + 1);
            return;
        }

        if (method.DeclaringType is not { } type || !GraphType.OwnAssemblies.Contains(type.Assembly))
            throw new SnapshotException($"the method {method.DeclaringType}.{method.Name} cannot be kept");
        _methods.Add(method, _methods.Count);
        _out.Write7BitEncodedInt(0);
        TypeOf(type);
        _out.Write(method.MetadataToken);
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        _out.Write7BitEncodedInt(arguments.Length);
        foreach (var argument in arguments)
            TypeOf(argument);
    }

    private void TypeOf(Type type)
    {
        if (_types.TryGetValue(type, out var known))
        {
            _out.Write7BitEncodedInt(known + 1);
            return;
        }

        _out.Write7BitEncodedInt(0);
        if (type.IsArray)
        {
            _out.Write((byte)GraphTypeForm.Array);
            TypeOf(type.GetElementType()!);
        }
        else if (type is { IsGenericType: true, IsGenericTypeDefinition: false })
        {
            var arguments = type.GetGenericArguments();
            _out.Write((byte)GraphTypeForm.Generic);
            TypeOf(type.GetGenericTypeDefinition());
            _out.Write7BitEncodedInt(arguments.Length);
            foreach (var argument in arguments)
                TypeOf(argument);
        }
        else
        {
            _out.Write((byte)GraphTypeForm.Named);
            _out.Write(type.Assembly.GetName().Name!);
            _out.Write(type.FullName!);
        }

        // Last: the parts of a type have their numbers before it, for the reader too.
        _types.Add(type, _types.Count);
    }

    private void Number(object value)
    {
        switch (Type.GetTypeCode(value.GetType()))
        {
            case TypeCode.Boolean:
                _out.Write((bool)value);
                break;
            case TypeCode.Char:
                _out.Write7BitEncodedInt((char)value);
                break;
            case TypeCode.Single:
                _out.Write((float)value);
                break;
            case TypeCode.Double:
                _out.Write((double)value);
                break;
            case TypeCode.UInt64:
                _out.Write7BitEncodedInt64(unchecked((long)Convert.ToUInt64(value, null)));
                break;
            case TypeCode.Object:
                throw new SnapshotException($"a value of {value.GetType()} cannot be kept");
            default:
                _out.Write7BitEncodedInt64(Convert.ToInt64(value, null));
                break;
        }
    }
}
