using System.Diagnostics;
using System.Text;

namespace CiliumLab.Tests.Simulator.Nodes;

/// <summary>A network namespace of this machine's own kernel, for as long as the object lives.</summary>
internal sealed class RealNamespace : IDisposable
{
    private readonly string _name = "clsim" + Guid.NewGuid().ToString("N")[..8];
    private readonly string _pod;

    public RealNamespace()
    {
        _pod = _name + "p";
        Execute("ip", ["netns", "add", _name], null);
        Execute("ip", ["netns", "add", _pod], null);
    }

    /// <summary>Why there is none; null when there can be one.</summary>
    public static string? WhyNot(params string[] programs)
    {
        if (!OperatingSystem.IsLinux())
            return "needs Linux's own ip and iptables";
        if (Environment.UserName != "root")
            return "needs root to make network namespaces";
        var missing = programs.Append("ip").FirstOrDefault(program => !new[] { "/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/" }.Any(folder => File.Exists(folder + program)));
        if (missing is not null)
            return $"needs {missing}";
        var probe = "clprobe" + Guid.NewGuid().ToString("N")[..6];
        var made = Execute("ip", ["netns", "add", probe], null);
        Execute("ip", ["netns", "del", probe], null);
        return made.ExitCode == 0 ? null : "network namespaces cannot be made here: " + made.Error.Trim();
    }

    /// <summary>The name of another namespace that links can be moved to; in commands it is <c>POD</c>.</summary>
    public string Pod => _pod;

    public Said Run(IReadOnlyList<string> words, string? input = null) => Execute("ip", ["netns", "exec", _name, .. words], input);

    public void Dispose()
    {
        Execute("ip", ["netns", "del", _name], null);
        Execute("ip", ["netns", "del", _pod], null);
    }

    private static Said Execute(string program, IEnumerable<string> arguments, string? input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input ?? "");
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Said(output, error.Result, process.ExitCode);
    }
}
