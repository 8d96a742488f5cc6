using System.Globalization;

namespace CiliumLab.Benchmarks;

/// <summary>
/// The times of one contestant, in milliseconds, one for each round. Contestants take turns within a round, so a busy machine is busy
/// for all of them; what is compared are the ratios within the rounds, never times of different rounds.
/// </summary>
internal sealed class Times
{
    private readonly List<double> _rounds = [];

    public double Median => MedianOf(_rounds);

    public void Add(double milliseconds) => _rounds.Add(milliseconds);

    /// <summary>How many times as long as another one this one took: the median of the rounds.</summary>
    public double RatioTo(Times other) => MedianOf(_rounds.Zip(other._rounds, (ours, theirs) => ours / theirs));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:0.#} ms");

    private static double MedianOf(IEnumerable<double> values) => values.Order().ToList() is { Count: > 0 } sorted ? sorted[sorted.Count / 2] : double.NaN;
}
