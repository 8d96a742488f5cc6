using System.Globalization;

namespace CiliumLab.Benchmarks;

/// <summary>
/// Importing the module against importing a module of one empty cmdlet, each in a new process: in tools/CiliumLab.Host, and in
/// pwsh where there is one. The time is that of <c>Import-Module</c> alone; the process's own start is not in it.
/// </summary>
internal sealed class ImportBenchmark : IBenchmark
{
    private const int Rounds = 15;

    // Prints the time, and what was loaded that belongs neither to .NET, nor to PowerShell, nor to the module itself.
    private const string Script = """
        $before = [AppDomain]::CurrentDomain.GetAssemblies()
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Import-Module 'MODULE' -ErrorAction Stop
        $time = $clock.Elapsed.TotalMilliseconds
        $own = [Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory(), [AppContext]::BaseDirectory
        $strangers = foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
            if ($before.Contains($assembly) -or $assembly.IsDynamic) { continue }
            $name = $assembly.GetName().Name
            if ($name -in 'CiliumLab.PowerShell', 'CiliumLab.Model', 'EmptyModule') { continue }
            if ($own.Where({ $assembly.Location.StartsWith($_) })) { continue }
            $name
        }
        "$($time.ToString([cultureinfo]::InvariantCulture)) $strangers"
        """;

    public string Name => "import";

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        var rows = await MeasureAsync("host", "dotnet", "exec", Checkout.HostProgram, "-NoModule", "-NonInteractive", "-Command");
        return Tool.Exists("pwsh")
            ? [.. rows, .. await MeasureAsync("pwsh", "pwsh", "-NoProfile", "-NonInteractive", "-Command")]
            : [.. rows, Measurement.NotMade("import in pwsh", "there is no pwsh on this machine")];
    }

    private static async Task<List<Measurement>> MeasureAsync(string where, string program, params string[] words)
    {
        var strangers = new SortedSet<string>(StringComparer.Ordinal);
        var (ours, empty, assembly) = (new Times(), new Times(), new Times());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await ImportAsync(Checkout.Module));
            empty.Add(await ImportAsync(Checkout.EmptyModule));
            assembly.Add(await ImportAsync(Path.ChangeExtension(Checkout.EmptyModule, ".dll")));
        }

        return
        [
            new Measurement($"{where}: import / an empty module", ours.RatioTo(empty), "x") { Ours = $"{ours}", Other = $"{empty}", AtMost = 2 },
            new Measurement($"{where}: import / a bare assembly, no manifest", ours.RatioTo(assembly), "x") { Ours = $"{ours}", Other = $"{assembly}" },
            new Measurement($"{where}: third-party assemblies loaded by it", strangers.Count, "") { Ours = string.Join(", ", strangers), AtMost = 0 },
        ];

        async Task<double> ImportAsync(string module)
        {
            var said = (await Tool.RunAsync(program, [.. words, Script.Replace("MODULE", module, StringComparison.Ordinal)])).Trim().Split(' ');
            if (module == Checkout.Module)
                strangers.UnionWith(said[1..]);
            return double.Parse(said[0], CultureInfo.InvariantCulture);
        }
    }
}
