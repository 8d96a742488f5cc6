using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;

namespace CiliumLab.Tests.Module;

/// <summary>Makes an object of any record, with long values in every property that the record itself stores.</summary>
internal static class SampleRecord
{
    // Longer than the screen: whatever column it is in, the line is too long unless the view cuts it.
    private static readonly string LongText = string.Concat(Enumerable.Repeat("a-rather-long-value-", 7));

    public static object Of(Type type) => Of(type, []);

    // A record may hold others of its own kind, as a tunnel's packet does: they have none inside.
    private static object Of(Type type, ImmutableHashSet<Type> around)
    {
        var record = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is not null))
            property.SetValue(record, Value(property.PropertyType, around.Add(type)));
        return record;
    }

    private static object? Value(Type type, ImmutableHashSet<Type> around)
    {
        if (around.Contains(type))
            return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return LongText;
        if (type == typeof(IPAddress))
            return IPAddress.Parse("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff");
        if (type == typeof(IPNetwork))
            return IPNetwork.Parse("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0/112");
        if (type == typeof(Uri))
            return new Uri("https://192.168.10.100:6443/" + LongText);
        if (type == typeof(TimeSpan))
            return new TimeSpan(400, 23, 59, 59, 999);
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(2025, 12, 31, 23, 59, 59, TimeSpan.FromHours(9));
        if (type == typeof(Version))
            return new Version(10, 20, 30);
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().MaxBy(value => value.ToString()!.Length);
        if (type == typeof(bool))
            return true;
        if (type.IsPrimitive)
            return type.GetField("MaxValue")!.GetValue(null);
        if (type.IsArray)
            return Array.CreateInstance(type.GetElementType()!, 0);
        if (type.IsGenericType)
            return Collection(type, around);
        return type.IsClass && !type.IsAbstract && type.Namespace == typeof(Model.LabNode).Namespace ? Of(type, around) : null;
    }

    // As long as the interface allows: one element, and no entry where there is a key.
    private static object? Collection(Type type, ImmutableHashSet<Type> around)
    {
        var arguments = type.GetGenericArguments();
        if (arguments is [var key, var value])
        {
            var map = typeof(Dictionary<,>).MakeGenericType(key, value);
            return type.IsAssignableFrom(map) ? Activator.CreateInstance(map) : null;
        }

        var elements = Array.CreateInstance(arguments[0], 1);
        elements.SetValue(Value(arguments[0], around), 0);
        if (type.IsInstanceOfType(elements))
            return elements;
        if (type != typeof(ImmutableArray<>).MakeGenericType(arguments))
            return null;
        return typeof(ImmutableArray).GetMethods()
            .Single(method => method.Name == nameof(ImmutableArray.Create) && method.GetParameters() is [{ ParameterType.IsArray: true }])
            .MakeGenericMethod(arguments)
            .Invoke(null, [elements]);
    }
}
