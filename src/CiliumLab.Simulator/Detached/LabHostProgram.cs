using System.Runtime.InteropServices;

namespace CiliumLab.Simulator.Detached;

/// <summary>How the process of a detached lab is started: by the pwsh that runs here, or else by the dotnet whose runtime runs here.</summary>
/// <param name="Path">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record LabHostProgram(string Path, IReadOnlyList<string> Arguments)
{
    private static readonly string Own = typeof(LabHostProgram).Assembly.Location;

    /// <summary>The program for a lab.</summary>
    /// <exception cref="Model.LabException"><c>LabHostNotStarted</c>.</exception>
    public static LabHostProgram For(string lab, string folder)
    {
        var running = Environment.ProcessPath;
        var module = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Own)!, "..", "CiliumLab.psd1");
        if (running is not null && NameOf(running).StartsWith("pwsh", StringComparison.OrdinalIgnoreCase) && File.Exists(module))
            return ByPowerShell(running, System.IO.Path.GetFullPath(module), folder);
        var dotnet = running is not null && NameOf(running) == "dotnet" ? running : BesideRuntime();
        return File.Exists(dotnet)
            ? new LabHostProgram(dotnet, ["exec", Own, folder])
            : throw DetachedErrors.NotStarted(lab, $"'{running}' is not pwsh, and there is no '{dotnet}'.");
    }

    /// <summary>The program in PowerShell, which may have no dotnet beside it.</summary>
    internal static LabHostProgram ByPowerShell(string program, string module, string folder) => new(
        program,
        [
            "-NoProfile", "-NonInteractive", "-Command",
            $"Import-Module -Name {Quoted(module)} -ErrorAction Stop; exit [CiliumLab.PowerShell.Labs.LabHostProcess]::Run({Quoted(folder)})",
        ]);

    private static string NameOf(string program) => System.IO.Path.GetFileNameWithoutExtension(program);

    // ROOT/shared/Microsoft.NETCore.App/VERSION/
    private static string BesideRuntime() => System.IO.Path.GetFullPath(
        System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
