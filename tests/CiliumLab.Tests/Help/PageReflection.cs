using System.Collections.ObjectModel;
using System.Management.Automation;
using CiliumLab.Help;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Help;

/// <summary>What the engine knows of a cmdlet's parameters, in the terms of a page.</summary>
internal sealed class PageReflection
{
    private readonly ReadOnlyCollection<CommandParameterSetInfo> _sets;

    private PageReflection(CommandInfo command)
    {
        _sets = command.ParameterSets;
        Parameters = [.. command.Parameters.Values.Where(parameter => !IsCommon(parameter.Name) && !IsOptional(parameter.Name))];
        Optional = [.. command.Parameters.Keys.Where(IsOptional)];
    }

    /// <summary>The cmdlet's own parameters.</summary>
    public IReadOnlyList<ParameterMetadata> Parameters { get; }

    /// <summary>-WhatIf and -Confirm, when the cmdlet has them: a page may leave them out.</summary>
    public IReadOnlyList<string> Optional { get; }

    /// <summary>The parameter sets with the names of the cmdlet's own parameters in them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Sets => _sets.ToDictionary(
        set => set.Name,
        set => (IReadOnlyList<string>)
            [.. set.Parameters.Select(parameter => parameter.Name).Intersect(Parameters.Select(own => own.Name))]);

    public static PageReflection Of(Prompt prompt, string cmdlet) =>
        new((CommandInfo)prompt.Get("Get-Command $args[0]", cmdlet).Single().BaseObject);

    /// <summary>Everything that the page says differently.</summary>
    public IEnumerable<string> Disagreements(CommandPage page) =>
        from parameter in Parameters
        let described = page.Parameters.FirstOrDefault(described => described.Name == parameter.Name)
        where described is not null
        from set in _sets
        from disagreement in Disagreements(parameter, set, described)
        select $"-{parameter.Name} ({set.Name}): {disagreement}";

    private IEnumerable<string> Disagreements(ParameterMetadata parameter, CommandParameterSetInfo set, PageParameter described)
    {
        var actual = set.Parameters.FirstOrDefault(member => member.Name == parameter.Name);
        var use = described.Uses.FirstOrDefault(use => _sets.Count == 1 || use.IsIn(set.Name));
        if (actual is null || use is null)
        {
            // "(All)" of a parameter that only some sets have is said by naming those sets.
            if ((actual is null) != (use is null))
                yield return actual is null ? "the page puts it in this parameter set" : "the page lacks it in this parameter set";
            yield break;
        }

        var type = Nullable.GetUnderlyingType(actual.ParameterType) ?? actual.ParameterType;
        if (use.Type != type.Name && use.Type != type.FullName)
            yield return $"is a {type.Name}, not a {use.Type}";
        if (use.Required != actual.IsMandatory)
            yield return $"required is {actual.IsMandatory}";
        int? position = actual.Position < 0 ? null : actual.Position;
        if (use.Position != position)
            yield return $"its position is {position?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "Named"}";
        if (use.PipelineByValue != actual.ValueFromPipeline || use.PipelineByPropertyName != actual.ValueFromPipelineByPropertyName)
        {
            yield return $"pipeline input by value is {actual.ValueFromPipeline}, "
                + $"by property name {actual.ValueFromPipelineByPropertyName}";
        }

        if (use.Wildcards != parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any())
            yield return $"wildcards are {(use.Wildcards ? "not accepted" : "accepted")}";
        if (!use.Aliases.Order(StringComparer.Ordinal).SequenceEqual(parameter.Aliases.Order(StringComparer.Ordinal)))
            yield return $"its aliases are {string.Join(", ", parameter.Aliases)}";
    }

    private static bool IsCommon(string name) => Cmdlet.CommonParameters.Contains(name);

    private static bool IsOptional(string name) => Cmdlet.OptionalCommonParameters.Contains(name);
}
