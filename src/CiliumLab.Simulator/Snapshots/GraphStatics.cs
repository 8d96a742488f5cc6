using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>
/// Objects that the module has once for all labs: what its static fields hold, and what lies in the lists and dictionaries there.
/// They are the same before and after a snapshot, so only their places are written.
/// </summary>
internal sealed class GraphStatics
{
    private static readonly Lazy<GraphStatics> Shared = new(static () => new GraphStatics());

    private readonly Dictionary<object, int> _places = new(ReferenceEqualityComparer.Instance);
    private readonly List<object> _objects = [];

    private GraphStatics()
    {
        foreach (var comparer in (object[])[StringComparer.Ordinal, StringComparer.OrdinalIgnoreCase, EqualityComparer<string>.Default, ReferenceEqualityComparer.Instance])
            Add(comparer);
        foreach (var type in typeof(GraphStatics).Assembly.GetTypes().Where(static type => !type.ContainsGenericParameters && type.Namespace != typeof(GraphStatics).Namespace))
        {
            foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                // The cached delegates of lambdas come into being one by one; their owner is enough to find them.
                if (field.IsLiteral || !field.IsInitOnly || field.FieldType.IsValueType || typeof(Delegate).IsAssignableFrom(field.FieldType))
                    continue;
                Add(field.GetValue(null));
                if (field.GetValue(null) is ICollection many and (Array or IList or IDictionary) && many.GetType().Namespace != "System.Collections.Concurrent")
                    AddAll(many is IDictionary map ? map.Values : many);
            }
        }
    }

    /// <summary>What the module's assemblies of this process hold.</summary>
    public static GraphStatics Here => Shared.Value;

    /// <summary>An object's place; null when it is no such object.</summary>
    public int? PlaceOf(object item) => _places.TryGetValue(item, out var place) ? place : null;

    /// <summary>The object at a place.</summary>
    public object At(int place) => _objects[place];

    // What one reading finds, the next must find at the same place: everything that is null or a text gets none, and no place is skipped otherwise.
    private void Add(object? item)
    {
        if (item is null or string || item.GetType() is { IsValueType: true } || RuntimeHelpers.Equals(item, Type.Missing))
            return;
        if (_places.TryAdd(item, _objects.Count))
            _objects.Add(item);
    }

    private void AddAll(IEnumerable items)
    {
        foreach (var item in items)
            Add(item);
    }
}
