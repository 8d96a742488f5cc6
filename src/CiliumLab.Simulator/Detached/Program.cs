using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace CiliumLab.Simulator.Detached;

/// <summary>The process of a detached lab where no pwsh starts it: <c>dotnet exec CiliumLab.Simulator.dll FOLDER</c>.</summary>
internal static class Program
{
    private const int UsageError = 64;

    public static int Main(string[] arguments)
    {
        // In the module, the model's assembly lies one folder above this one.
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", name.Name + ".dll")) is var file && File.Exists(file)
                ? context.LoadFromAssemblyPath(file)
                : null;
        if (arguments is [var folder])
            return Host(folder);
        Console.Error.WriteLine("usage: CiliumLab.Simulator FOLDER");
        return UsageError;
    }

    // Of its own, so that nothing of the module is looked for before it can be found.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Host(string folder) => LabHost.Run(folder);
}
