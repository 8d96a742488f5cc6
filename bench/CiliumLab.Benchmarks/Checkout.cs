using System.Reflection;

namespace CiliumLab.Benchmarks;

/// <summary>Where the parts of this checkout are.</summary>
internal static class Checkout
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>The module as the build lays it out.</summary>
    public static string Module { get; } = Path.Combine(Root, "out", "CiliumLab", "CiliumLab.psd1");

    /// <summary>tools/CiliumLab.Host.</summary>
    public static string HostProgram { get; } = Metadata("HostProgram");

    /// <summary>bench/EmptyModule: its manifest, with its only assembly beside it.</summary>
    public static string EmptyModule { get; } = Metadata("EmptyModule");

    public static string NodeLabScript { get; } = Path.Combine(Root, "tests", "NodeLab", "node-lab.sh");

    private static string Metadata(string key) => typeof(Checkout).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
