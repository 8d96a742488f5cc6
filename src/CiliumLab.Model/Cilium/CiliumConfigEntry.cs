namespace CiliumLab.Model;

/// <summary>A key of Cilium's ConfigMap, <c>cilium-config</c>. Pipe it to Set-CiliumConfig with another <c>-Value</c>.</summary>
public sealed record CiliumConfigEntry
{
    /// <summary>The key, as the agent's option is called.</summary>
    public required string Key { get; init; }

    /// <summary>The value; null when the key is not there.</summary>
    public string? Value { get; init; }

    /// <summary>What the chart of that version writes without any values given; null when it leaves the key out, or that is not known.</summary>
    public string? Default { get; init; }

    /// <summary>Whether the value differs from the chart's default; null when that is not known.</summary>
    public bool? IsChanged { get; init; }

    /// <summary>The chart's value that decides the key; null when none does alone.</summary>
    public string? ChartValue { get; init; }

    /// <summary>The value before a cmdlet set it; null when it was not there, or no cmdlet set it.</summary>
    public string? Before { get; init; }

    /// <summary>Whether the cmdlet that returned it changed it.</summary>
    public bool Changed { get; init; }

    /// <summary>The nodes whose agents were started anew, so that they go by it.</summary>
    public IReadOnlyList<string> RestartedNodes { get; init; } = [];
}
