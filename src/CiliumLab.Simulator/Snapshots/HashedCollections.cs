using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>Fills collections that are built on hash codes, which differ from process to process.</summary>
internal static class HashedCollections
{
    private static readonly MethodInfo FillMap = Own(nameof(FillDictionary));
    private static readonly MethodInfo FillSet = Own(nameof(FillHashSet));
    private static readonly MethodInfo FillConcurrent = Own(nameof(FillConcurrentDictionary));
    private static readonly MethodInfo FillImmutable = Own(nameof(FillImmutableDictionary));
    private static readonly MethodInfo FillWeak = Own(nameof(FillWeakTable));

    /// <summary>Whether a collection must be made by its constructor, because its insides lead back to it.</summary>
    public static bool Needs(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ConditionalWeakTable<,>);

    /// <summary>Makes a collection that is empty, or not made yet, hold entries.</summary>
    public static void Fill(object collection, object? comparer, object?[] entries)
    {
        var type = collection.GetType();
        var open = type.GetGenericTypeDefinition();
        var fill = open == typeof(Dictionary<,>) ? FillMap
            : open == typeof(HashSet<>) ? FillSet
            : open == typeof(ConcurrentDictionary<,>) ? FillConcurrent
            : open == typeof(ImmutableDictionary<,>) ? FillImmutable
            : FillWeak;
        fill.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [collection, comparer, entries]);
    }

    private static MethodInfo Own(string name) => typeof(HashedCollections).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;

    private static void FillDictionary<TKey, TValue>(Dictionary<TKey, TValue> map, object? comparer, object?[] entries)
        where TKey : notnull =>
        Take(map, new Dictionary<TKey, TValue>(entries.Cast<KeyValuePair<TKey, TValue>>(), (IEqualityComparer<TKey>?)comparer));

    private static void FillHashSet<T>(HashSet<T> set, object? comparer, object?[] entries) =>
        Take(set, new HashSet<T>(entries.Cast<T>(), (IEqualityComparer<T>?)comparer));

    private static void FillConcurrentDictionary<TKey, TValue>(ConcurrentDictionary<TKey, TValue> map, object? comparer, object?[] entries)
        where TKey : notnull =>
        Take(map, new ConcurrentDictionary<TKey, TValue>(entries.Cast<KeyValuePair<TKey, TValue>>(), (IEqualityComparer<TKey>?)comparer));

    private static void FillImmutableDictionary<TKey, TValue>(ImmutableDictionary<TKey, TValue> map, object? comparer, object?[] entries)
        where TKey : notnull =>
        Take(map, ImmutableDictionary.CreateRange((IEqualityComparer<TKey>?)comparer, entries.Cast<KeyValuePair<TKey, TValue>>()));

    private static void FillWeakTable<TKey, TValue>(ConditionalWeakTable<TKey, TValue> table, object? comparer, object?[] entries)
        where TKey : class
        where TValue : class
    {
        _ = comparer;
        foreach (var (key, value) in entries.Cast<KeyValuePair<TKey, TValue>>())
            table.Add(key, value);
    }

    // The object is referred to already; it becomes what was built beside it.
    private static void Take(object target, object built)
    {
        foreach (var field in target.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            field.SetValue(target, field.GetValue(built));
    }
}
