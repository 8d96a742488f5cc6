using System.Management.Automation;
using System.Reflection;
using CiliumLab.Model;
using CiliumLab.PowerShell.Loading;

namespace CiliumLab.Tests.Module;

/// <summary>
/// What other code can see of the two assemblies that load into the default context mentions no type of the private one:
/// neither the engine's nor a package's.
/// </summary>
public sealed class VisibleSurfaceTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly[] Visible = [typeof(LabNode).Assembly, typeof(ModuleInitializer).Assembly];

    [Theory]
    [InlineData("CiliumLab.Model")]
    [InlineData("CiliumLab.PowerShell")]
    public void Mentions_only_the_framework_the_engine_of_PowerShell_and_itself(string assembly)
    {
        var strangers =
            from type in Visible.Single(visible => visible.GetName().Name == assembly).GetTypes()
            where IsVisible(type)
            from mention in Mentions(type)
            from part in Parts(mention.Type)
            where !IsAllowed(part)
            select $"{type.Name}.{mention.Member} mentions {part.FullName} of {part.Assembly.GetName().Name}";

        Assert.Empty(strangers);
    }

    [Fact]
    public void The_model_references_nothing_but_the_framework() =>
        Assert.All(
            typeof(LabNode).Assembly.GetReferencedAssemblies(),
            reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));

    private static IEnumerable<(string Member, Type Type)> Mentions(Type type)
    {
        if (type.BaseType is { } parent)
            yield return ("base", parent);
        foreach (var implemented in type.GetInterfaces())
            yield return ("interface", implemented);
        foreach (var field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
            yield return (field.Name, field.FieldType);
        foreach (var method in type.GetMethods(Declared).Where(IsVisible))
        {
            yield return (method.Name, method.ReturnType);
            foreach (var parameter in method.GetParameters())
                yield return (method.Name, parameter.ParameterType);
        }

        foreach (var constructor in type.GetConstructors(Declared).Where(IsVisible))
        {
            foreach (var parameter in constructor.GetParameters())
                yield return (".ctor", parameter.ParameterType);
        }
    }

    private static bool IsVisible(Type type) =>
        type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!));

    // Properties and events are seen through their accessors. "private protected" is for this assembly alone.
    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
            return Parts(type.GetElementType()!);
        if (type.IsGenericParameter)
            return type.GetGenericParameterConstraints().SelectMany(Parts);
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
    }

    private static bool IsAllowed(Type type) =>
        Visible.Contains(type.Assembly)
        || type.Assembly == typeof(PSObject).Assembly
        || Path.GetDirectoryName(type.Assembly.Location) == Path.GetDirectoryName(typeof(object).Assembly.Location);
}
