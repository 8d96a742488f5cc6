using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>Makes again what <see cref="GraphWriter"/> has written.</summary>
internal sealed class GraphReader : IDisposable
{
    private readonly BinaryReader _in;
    private readonly TimeProvider _clock;
    private readonly List<object> _objects = [];
    private readonly List<string> _texts = [];
    private readonly List<Type> _types = [];
    private readonly List<MethodInfo> _methods = [];
    private readonly Queue<object> _open = new();
    private readonly List<Action> _last = [];

    private GraphReader(Stream input, TimeProvider clock) =>
        (_in, _clock) = (new BinaryReader(input, System.Text.Encoding.UTF8, leaveOpen: true), clock);

    /// <summary>Reads an object with everything that it leads to.</summary>
    /// <param name="input">Where it is read from.</param>
    /// <param name="clock">Takes the place of the clock that the lab had.</param>
    public static T Read<T>(Stream input, TimeProvider clock)
    {
        using var reader = new GraphReader(input, clock);
        var root = (T)reader.Reference()!;
        while (reader._open.TryDequeue(out var item))
            reader.Inside(item);
        foreach (var fill in reader._last)
            fill();
        return root;
    }

    public void Dispose() => _in.Dispose();

    private void Inside(object item)
    {
        var type = GraphType.Of(item.GetType());
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

    private void FieldsOf(object item, GraphType type)
    {
        foreach (var field in type.Fields)
            field.SetValue(item, Value(field.FieldType));
    }

    private void Elements(Array array)
    {
        var element = array.GetType().GetElementType()!;
        if (element.IsPrimitive)
        {
            var bytes = _in.ReadBytes(Buffer.ByteLength(array));
            Buffer.BlockCopy(bytes, 0, array, 0, bytes.Length);
            return;
        }

        for (var i = 0; i < array.Length; i++)
            array.SetValue(Value(element), i);
    }

    private void Entries(object item, Type type)
    {
        var comparer = Reference();
        var count = _in.Read7BitEncodedInt();
        var arguments = type.GetGenericArguments();
        var element = arguments.Length == 1 ? arguments[0] : typeof(KeyValuePair<,>).MakeGenericType(arguments);
        var entries = new object?[count];
        for (var i = 0; i < count; i++)
            entries[i] = Value(element);

        // Only when every key is whole can it be asked for its hash code.
        _last.Add(() => HashedCollections.Fill(item, comparer, entries));
    }

    private object? Value(Type type)
    {
        if (!type.IsValueType)
            return Reference();
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return _in.ReadBoolean() ? Value(underlying) : null;
        if (type.IsPrimitive || type.IsEnum)
            return Number(type);
        var value = RuntimeHelpers.GetUninitializedObject(type);
        FieldsOf(value, GraphType.Of(type));
        return value;
    }

    private object? Reference()
    {
        var mark = _in.Read7BitEncodedInt();
        switch (mark)
        {
            case GraphMark.Null:
                return null;
            case GraphMark.New:
                return New();
            case GraphMark.Text:
                _texts.Add(_in.ReadString());
                return _texts[^1];
            case GraphMark.KnownText:
                return _texts[_in.Read7BitEncodedInt()];
            case GraphMark.Static:
                return GraphStatics.Here.At(_in.Read7BitEncodedInt());
            case GraphMark.Clock:
                return _clock;
            default:
                return _objects[mark - GraphMark.FirstNumber];
        }
    }

    private object New()
    {
        // A delegate is made after the object that it is called on, which may be new too: its number is its own all the same.
        var number = _objects.Count;
        _objects.Add(this);
        var item = Make(ReadType());
        _objects[number] = item;
        if (GraphType.Of(item.GetType()).Shape is GraphShape.Fields or GraphShape.Array or GraphShape.Hashed)
            _open.Enqueue(item);
        return item;
    }

    private object Make(Type type)
    {
        if (type == typeof(JsonNode))
            return Json(_in.ReadString());
        if (type == typeof(IPAddress))
            return IPAddress.Parse(_in.ReadString());
        if (type == typeof(Type))
            return ReadType();
        if (type == typeof(Uri))
            return new Uri(_in.ReadString(), UriKind.RelativeOrAbsolute);
        return GraphType.Of(type).Shape switch
        {
            GraphShape.Leaf => Number(type),
            GraphShape.Delegate => Call(type),
            GraphShape.Array => Array.CreateInstance(type.GetElementType()!, _in.Read7BitEncodedInt()),
            GraphShape.Renewed => type == typeof(TaskCompletionSource)
                ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
                : Activator.CreateInstance(type)!,
            _ => HashedCollections.Needs(type) ? Activator.CreateInstance(type)! : RuntimeHelpers.GetUninitializedObject(type),
        };
    }

    private static JsonNode Json(string text)
    {
        var json = JsonNode.Parse(text)!;
        (json as JsonObject)?.Materialize();
        return json;
    }

    private Delegate Call(Type type)
    {
        var calls = new Delegate[_in.Read7BitEncodedInt()];
        for (var i = 0; i < calls.Length; i++)
        {
            var method = Method();
            var target = Reference();
            calls[i] = method.IsStatic && target is null ? method.CreateDelegate(type) : method.CreateDelegate(type, target);
        }

        return Delegate.Combine(calls)!;
    }

    private MethodInfo Method()
    {
        var known = _in.Read7BitEncodedInt();
        if (known > 0)
            return _methods[known - 1];
        var place = _methods.Count;
        _methods.Add(null!);
        var type = ReadType();
        var token = _in.ReadInt32();
        var method = (MethodInfo)MethodBase.GetMethodFromHandle(
            ((MethodInfo)type.Module.ResolveMethod(token, type.IsGenericType ? type.GetGenericArguments() : null, null)!).MethodHandle, type.TypeHandle)!;
        var arguments = new Type[_in.Read7BitEncodedInt()];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = ReadType();
        return _methods[place] = arguments.Length == 0 ? method : method.GetGenericMethodDefinition().MakeGenericMethod(arguments);
    }

    private Type ReadType()
    {
        var known = _in.Read7BitEncodedInt();
        if (known > 0)
            return _types[known - 1];
        var type = (GraphTypeForm)_in.ReadByte() switch
        {
            GraphTypeForm.Array => ReadType().MakeArrayType(),
            GraphTypeForm.Generic => ReadType().MakeGenericType(ReadTypes()),
            _ => Named(_in.ReadString(), _in.ReadString()),
        };
        _types.Add(type);
        return type;
    }

    private Type[] ReadTypes()
    {
        var types = new Type[_in.Read7BitEncodedInt()];
        for (var i = 0; i < types.Length; i++)
            types[i] = ReadType();
        return types;
    }

    private static Type Named(string assembly, string name) =>
        (GraphType.OwnAssemblies.FirstOrDefault(own => own.GetName().Name == assembly)
            ?? AssemblyLoadContext.GetLoadContext(typeof(GraphReader).Assembly)!.LoadFromAssemblyName(new AssemblyName(assembly)))
        .GetType(name, throwOnError: true)!;

    private object Number(Type type)
    {
        object value = Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => _in.ReadBoolean(),
            TypeCode.Char => (char)_in.Read7BitEncodedInt(),
            TypeCode.Single => _in.ReadSingle(),
            TypeCode.Double => _in.ReadDouble(),
            TypeCode.UInt64 => unchecked((ulong)_in.Read7BitEncodedInt64()),
            _ => Convert.ChangeType(_in.Read7BitEncodedInt64(), Type.GetTypeCode(type), null),
        };
        return type.IsEnum ? Enum.ToObject(type, value) : value;
    }
}
