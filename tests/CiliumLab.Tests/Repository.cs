using System.Reflection;

namespace CiliumLab.Tests;

/// <summary>Where the checkout is that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The packaged module as a user imports it.</summary>
    public static string Module { get; } = Path.Combine(Root, "out", "CiliumLab", "CiliumLab.psd1");
}
