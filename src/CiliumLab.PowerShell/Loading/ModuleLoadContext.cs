using System.Reflection;
using System.Runtime.Loader;

namespace CiliumLab.PowerShell.Loading;

/// <summary>
/// Where the engine and everything that it references live, so that other modules' versions of the same packages and ours do
/// not meet. The module's two visible assemblies stay in the default context, where the prompt finds their types.
/// </summary>
internal sealed class ModuleLoadContext : AssemblyLoadContext
{
    private const string EngineName = "CiliumLab.Engine";

    private static readonly string ModuleFolder = Path.GetDirectoryName(typeof(ModuleLoadContext).Assembly.Location)!;
    private static readonly Lazy<ModuleLoadContext> Instance = new(() => new ModuleLoadContext());

    private static int s_registered;

    private readonly string _folder = Path.Combine(ModuleFolder, "Dependencies");

    private ModuleLoadContext()
        : base("CiliumLab")
    {
    }

    /// <summary>From now on a request of the visible assemblies for the engine ends in the private context; again is harmless.</summary>
    public static void Register()
    {
        // Every runspace that imports the module comes here, and the handler stays as long as the process.
        if (Interlocked.Exchange(ref s_registered, 1) == 1)
            return;
        GetLoadContext(typeof(ModuleLoadContext).Assembly)!.Resolving += static (_, name) =>
            name.Name == EngineName ? Instance.Value.LoadFromAssemblyName(name) : null;
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var file = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }
}
