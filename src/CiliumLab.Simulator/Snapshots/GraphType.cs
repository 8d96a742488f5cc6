using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>How objects of a type are kept.</summary>
internal enum GraphShape
{
    /// <summary>Field by field.</summary>
    Fields,

    /// <summary>Element by element.</summary>
    Array,

    /// <summary>Entry by entry, because its insides depend on hash codes, and those on the process.</summary>
    Hashed,

    /// <summary>A new one, without anything of the old.</summary>
    Renewed,

    /// <summary>As one value, written where it is met first.</summary>
    Leaf,

    /// <summary>The lab's clock.</summary>
    Clock,

    /// <summary>As the method and the object that it is called on.</summary>
    Delegate,
}

/// <summary>What is known about a type whose objects are kept.</summary>
internal sealed class GraphType
{
    private static readonly Assembly[] Own = [typeof(GraphType).Assembly, typeof(Engine.Nodes.INodeShell).Assembly, typeof(Model.LabException).Assembly];
    private static readonly ConcurrentDictionary<Type, GraphType> Known = new();

    private static readonly Type[] Leaves = [typeof(JsonNode), typeof(IPAddress), typeof(Uri), typeof(Type)];

    // Of the runtime's own types, those that are plain data.
    private static readonly string[] Plain = ["System.Collections.", "System.Net.IP", "System.Text.StringBuilder", "System.Lazy", "System.Tuple", "System.Version", "System.OrdinalCase"];

    private GraphType(Type type)
    {
        Type = type;
        IsOwn = Own.Contains(type.Assembly);
        Shape = ShapeOf(type, IsOwn);
        Fields = Shape == GraphShape.Fields ? FieldsOf(type) : [];
    }

    /// <summary>The type.</summary>
    public Type Type { get; }

    /// <summary>Whether it is a type of this module, whose build the snapshot names.</summary>
    public bool IsOwn { get; }

    /// <summary>How its objects are kept.</summary>
    public GraphShape Shape { get; }

    /// <summary>The fields that are kept, those of base types last.</summary>
    public IReadOnlyList<FieldInfo> Fields { get; }

    /// <summary>The assemblies of this module, by their places in what is written.</summary>
    public static IReadOnlyList<Assembly> OwnAssemblies => Own;

    public static GraphType Of(Type type) => Known.GetOrAdd(type, static type => new GraphType(type));

    private static GraphShape ShapeOf(Type type, bool isOwn)
    {
        if (type.IsArray)
            return GraphShape.Array;
        if (typeof(Delegate).IsAssignableFrom(type))
            return GraphShape.Delegate;
        if (typeof(TimeProvider).IsAssignableFrom(type))
            return GraphShape.Clock;
        if (type == typeof(string) || type.IsPrimitive || type.IsEnum || Array.Exists(Leaves, leaf => leaf.IsAssignableFrom(type)))
            return GraphShape.Leaf;
        if (type == typeof(Lock) || type == typeof(object) || type == typeof(TaskCompletionSource))
            return GraphShape.Renewed;
        if (type.IsGenericType && type.GetGenericTypeDefinition() is var open
            && (open == typeof(Dictionary<,>) || open == typeof(HashSet<>) || open == typeof(ConcurrentDictionary<,>)
                || open == typeof(ImmutableDictionary<,>) || open == typeof(ConditionalWeakTable<,>)))
        {
            return GraphShape.Hashed;
        }

        if (isOwn || type.IsValueType || Array.Exists(Plain, start => type.FullName!.StartsWith(start, StringComparison.Ordinal)))
            return GraphShape.Fields;
        throw new SnapshotException($"objects of {type} cannot be kept");
    }

    private static List<FieldInfo> FieldsOf(Type type)
    {
        var fields = new List<FieldInfo>();
        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType); at = at.BaseType)
        {
            fields.AddRange(at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(static field => field.GetCustomAttribute<NotInSnapshotAttribute>() is null)
                .OrderBy(static field => field.Name, StringComparer.Ordinal));
        }

        return fields;
    }
}
