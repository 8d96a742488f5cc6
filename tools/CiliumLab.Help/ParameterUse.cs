namespace CiliumLab.Help;

/// <summary>The yaml block of a parameter: how it is used in the parameter sets that the block names.</summary>
public sealed record ParameterUse
{
    /// <summary>The schema's name for every parameter set.</summary>
    public const string AllSets = "(All)";

    private static readonly string[] Known =
    [
        "Type", "Parameter Sets", "Aliases", "Accepted values", "Required", "Position", "Default value", "Accept pipeline input",
        "Accept wildcard characters",
    ];

    public required string Type { get; init; }

    public required IReadOnlyList<string> Sets { get; init; }

    public required IReadOnlyList<string> Aliases { get; init; }

    public required bool Required { get; init; }

    /// <summary>Null when the parameter is only known by its name.</summary>
    public required int? Position { get; init; }

    public required string DefaultValue { get; init; }

    public required bool PipelineByValue { get; init; }

    public required bool PipelineByPropertyName { get; init; }

    public required bool Wildcards { get; init; }

    public bool IsIn(string set) => Sets.Contains(AllSets) || Sets.Contains(set, StringComparer.OrdinalIgnoreCase);

    /// <exception cref="FormatException">The block lacks a field, or has one that the schema does not know.</exception>
    public static ParameterUse Parse(string block)
    {
        var fields = block.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : throw new FormatException($"'{pair[0]}' has no value"));
        if (fields.Keys.Except(Known).FirstOrDefault() is { } unknown)
            throw new FormatException($"'{unknown}' is not a field of the schema");
        var pipeline = Field("Accept pipeline input");
        var position = Field("Position");
        return new ParameterUse
        {
            Type = Field("Type"),
            Sets = List(Field("Parameter Sets")),
            Aliases = List(Field("Aliases")),
            Required = Truth("Required"),
            Position = position.Equals("named", StringComparison.OrdinalIgnoreCase) ? null
                : int.TryParse(position, out var number) ? number
                : throw new FormatException($"'Position' is Named or a number, not '{position}'"),
            DefaultValue = Field("Default value"),
            PipelineByValue = pipeline.Contains("ByValue", StringComparison.OrdinalIgnoreCase),
            PipelineByPropertyName = pipeline.Contains("ByPropertyName", StringComparison.OrdinalIgnoreCase),
            Wildcards = Truth("Accept wildcard characters"),
        };

        string Field(string name) => fields.TryGetValue(name, out var value) ? value : throw new FormatException($"'{name}' is missing");

        bool Truth(string name) => bool.TryParse(Field(name), out var value)
            ? value
            : throw new FormatException($"'{name}' is True or False, not '{Field(name)}'");
    }

    private static string[] List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
