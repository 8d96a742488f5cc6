namespace CiliumLab.Host;

/// <summary>Finds the module that the host imports.</summary>
internal static class ModuleLocation
{
    /// <summary>
    /// The manifest named by CILIUMLAB_MODULE, or the one that the build put in out/ of the checkout around this program.
    /// </summary>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable("CILIUMLAB_MODULE") is { Length: > 0 } named)
            return named;
        var built = Path.Combine("out", "CiliumLab", "CiliumLab.psd1");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, built);
            if (File.Exists(candidate))
                return candidate;
        }

        return built;
    }
}
