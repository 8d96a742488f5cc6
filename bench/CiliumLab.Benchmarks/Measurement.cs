using System.Globalization;

namespace CiliumLab.Benchmarks;

/// <summary>A measured value and what it may be.</summary>
/// <param name="What">What was measured, and against what.</param>
/// <param name="Value">The value that the limit is about.</param>
/// <param name="Unit">Its unit, such as <c>x</c> or <c>MB</c>.</param>
internal sealed record Measurement(string What, double Value, string Unit)
{
    /// <summary>What our side took.</summary>
    public string Ours { get; init; } = "";

    /// <summary>What the other side took.</summary>
    public string Other { get; init; } = "";

    /// <summary>The largest value that is good enough; null when there is no such limit.</summary>
    public double? AtMost { get; init; }

    /// <summary>The smallest value that is good enough; null when there is no such limit.</summary>
    public double? AtLeast { get; init; }

    /// <summary>Why nothing was measured; null when it was.</summary>
    public string? Skipped { get; init; }

    public bool Passed => Skipped is not null || (!(Value > AtMost) && !(Value < AtLeast) && !double.IsNaN(Value));

    public string Verdict => Skipped is not null ? $"skipped: {Skipped}" : !Passed ? "MISS" : AtMost is null && AtLeast is null ? "" : "pass";

    public string Ratio => Skipped is not null ? "" : string.Create(CultureInfo.InvariantCulture, $"{Value:0.##} {Unit}");

    public string Limit =>
        AtMost is { } most ? string.Create(CultureInfo.InvariantCulture, $"<= {most:0.##} {Unit}")
        : AtLeast is { } least ? string.Create(CultureInfo.InvariantCulture, $">= {least:0.##} {Unit}")
        : "";

    public static Measurement NotMade(string what, string why) => new(what, double.NaN, "") { Skipped = why };
}
