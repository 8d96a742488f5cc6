using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Shell = System.Management.Automation.PowerShell;

namespace CiliumLab.Benchmarks;

/// <summary>
/// 100 commands on each of 3 real nodes: Invoke-NodeCommand at a prompt against <c>ssh</c> once per command, and against <c>ssh</c>
/// on a ControlMaster's connection. All go through the same forwarded ports as the same user.
/// </summary>
internal sealed class SshBenchmark : IBenchmark
{
    private const int Commands = 100;
    private const int Rounds = 5;

    // Each of their commands costs what the one before it did, so fewer of them are timed and counted up to a hundred.
    private const int LoginCommands = 5;
    private const int MasterCommands = 50;

    private const string EachNode = "foreach ($node in 'k8s-ctr', 'k8s-w1', 'k8s-w2') { for ($i = 0; $i -lt 100; $i++) { Invoke-NodeCommand -Node $node -Command uname, -n } }";
    private const string AllNodes = "for ($i = 0; $i -lt 100; $i++) { Invoke-NodeCommand -Command uname, -n }";

    public string Name => "ssh";

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        if (NodeLab.Unavailable is { } why)
            return [Measurement.NotMade("100 commands on each of 3 nodes", why)];
        await using var lab = await NodeLab.UpAsync();
        await using var login = new OpenSsh(lab, master: false);
        await using var master = new OpenSsh(lab, master: true);
        await master.OpenAsync();
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", Path.Combine(lab.Folder, "data"));
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([Checkout.Module]);
        using var prompt = RunspaceFactory.CreateRunspace(state);
        prompt.Open();
        Invoke(prompt, $"Connect-LabCluster -Name bench -Inventory '{lab.InventoryFile()}'");

        var (oneByOne, atOnce) = (new Times(), new Times());
        var (logins, loginsAtOnce) = (new Times(), new Times());
        var (masters, mastersAtOnce) = (new Times(), new Times());
        for (var round = 0; round <= Rounds; round++)
        {
            var times = (
                OneByOne: Time(prompt, EachNode),
                Masters: await TimeAsync(master, MasterCommands, nodesAtOnce: false),
                Logins: await TimeAsync(login, LoginCommands, nodesAtOnce: false),
                AtOnce: Time(prompt, AllNodes),
                MastersAtOnce: await TimeAsync(master, MasterCommands, nodesAtOnce: true),
                LoginsAtOnce: await TimeAsync(login, LoginCommands, nodesAtOnce: true));
            if (round == 0)
                continue;
            oneByOne.Add(times.OneByOne);
            masters.Add(times.Masters);
            logins.Add(times.Logins);
            atOnce.Add(times.AtOnce);
            mastersAtOnce.Add(times.MastersAtOnce);
            loginsAtOnce.Add(times.LoginsAtOnce);
        }

        Invoke(prompt, "Disconnect-LabCluster");
        return
        [
            Row("ssh in a shell loop / the cmdlet, all nodes in one call", logins, atOnce, 30),
            Row("ControlMaster in a shell loop / the cmdlet, all nodes in one call", masters, atOnce, 2),
            Row("ssh / the cmdlet, both node after node", logins, oneByOne, null),
            Row("ControlMaster / the cmdlet, both node after node", masters, oneByOne, null),
            Row("ssh / the cmdlet, both the nodes at once", loginsAtOnce, atOnce, null),
            Row("ControlMaster / the cmdlet, both the nodes at once", mastersAtOnce, atOnce, null),
        ];
    }

    private static Measurement Row(string what, Times other, Times ours, double? atLeast) =>
        new(what, other.RatioTo(ours), "x") { Ours = Each(ours), Other = Each(other), AtLeast = atLeast };

    private static string Each(Times times) => string.Create(CultureInfo.InvariantCulture, $"{times.Median / (3 * Commands):0.0} ms a command");

    private static async Task<double> TimeAsync(OpenSsh ssh, int commands, bool nodesAtOnce) =>
        await ssh.TimeAsync(commands, "uname -n", nodesAtOnce) / commands * Commands;

    private static double Time(Runspace prompt, string script)
    {
        var clock = Stopwatch.StartNew();
        var results = Invoke(prompt, script);
        var time = clock.Elapsed.TotalMilliseconds;
        var right = results.Count(result => (string)result.Properties["Output"].Value == (string)result.Properties["Node"].Value + "\n");
        return right == 3 * Commands ? time : throw new InvalidOperationException($"only {right} answers are right");
    }

    private static Collection<PSObject> Invoke(Runspace prompt, string script)
    {
        using var shell = Shell.Create(prompt);
        var results = shell.AddScript(script).Invoke();
        return shell.Streams.Error.Count == 0 ? results : throw new InvalidOperationException(shell.Streams.Error[0].ToString());
    }
}
