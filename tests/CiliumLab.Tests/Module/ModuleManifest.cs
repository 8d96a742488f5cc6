using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CiliumLab.PowerShell.Loading;

namespace CiliumLab.Tests.Module;

/// <summary>What the module says of itself, and what is really in it.</summary>
internal static class ModuleManifest
{
    private static readonly Hashtable Data = (Hashtable)Parser
        .ParseFile(Path.Combine(Repository.Root, "CiliumLab.psd1"), out _, out _)
        .Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false)
        .SafeGetValue();

    public static IReadOnlyList<string> Cmdlets { get; } = List("CmdletsToExport");

    public static IReadOnlyList<string> Formats { get; } = List("FormatsToProcess");

    /// <summary>The cmdlet classes of the module's assembly with their names.</summary>
    public static IReadOnlyDictionary<string, Type> Classes { get; } = (
        from type in typeof(ModuleInitializer).Assembly.GetTypes()
        let cmdlet = type.GetCustomAttributes(typeof(CmdletAttribute), inherit: false).OfType<CmdletAttribute>().SingleOrDefault()
        where cmdlet is not null
        select (Name: $"{cmdlet.VerbName}-{cmdlet.NounName}", Type: type)).ToDictionary(pair => pair.Name, pair => pair.Type);

    private static string[] List(string key) => [.. ((IEnumerable)Data[key]!).Cast<string>()];
}
