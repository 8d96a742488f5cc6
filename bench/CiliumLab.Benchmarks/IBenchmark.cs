namespace CiliumLab.Benchmarks;

/// <summary>Something that must be fast, measured beside what it is compared with.</summary>
internal interface IBenchmark
{
    /// <summary>The word that names it on the command line.</summary>
    string Name { get; }

    /// <summary>Measures. Each row is held against its limit.</summary>
    Task<IReadOnlyList<Measurement>> RunAsync();
}
