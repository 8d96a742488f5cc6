using System.Runtime.CompilerServices;

namespace CiliumLab.Tests;

/// <summary>
/// Gives this process a data folder of its own before any test runs. Labs that tests connect to would otherwise be written among the
/// user's, and a host key pinned by one run would be a changed one to the next.
/// </summary>
internal static class UserFolder
{
    [ModuleInitializer]
    internal static void Isolate()
    {
        var folder = Directory.CreateTempSubdirectory("ciliumlab-tests-").FullName;
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", folder);
        Environment.SetEnvironmentVariable("LOCALAPPDATA", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
